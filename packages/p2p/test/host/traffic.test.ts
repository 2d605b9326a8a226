import type { Connection, ConnectionGater, Libp2p } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import type { HostServices } from '../../src/host/host.ts'
import { Traffic } from '../../src/host/traffic.ts'
import { startHost } from '../hosts.ts'
import { transports } from '../loopback.ts'

const open: ConnectionGater = { denyDialMultiaddr: () => false }

/** A host that counts. */
async function startCounting(gater = open): Promise<{ host: Libp2p<HostServices>; traffic: Traffic }> {
  const traffic = new Traffic()
  return {
    host: await startHost({ listen: [transports.tcp, transports.ws], gater: traffic.countBehind(gater) }),
    traffic,
  }
}

describe('the traffic of a host', () => {
  it.each([0, 1])('is what goes over its connections, both ways, on transport %i', async (transport) => {
    const [a, b] = await Promise.all([startCounting(), startCounting()])
    const address = b.host.getMultiaddrs()[transport]
    if (address === undefined) throw new Error('It listens on both.')
    const connection = await a.host.dial(address)
    await a.host.services.ping.ping(connection.remotePeer)
    const before = a.traffic.of(connection)
    await a.host.services.ping.ping(connection.remotePeer)
    const { received, sent } = a.traffic.of(connection)
    // A ping is 32 bytes and their echo.
    expect(received - before.received).toBeGreaterThanOrEqual(32)
    expect(sent - before.sent).toBeGreaterThanOrEqual(32)
    const [mirror] = b.host.getConnections() as [Connection]
    expect(b.traffic.of(mirror).received).toBeGreaterThanOrEqual(64)
    expect(a.traffic.totals.sent).toBeGreaterThanOrEqual(sent)
    await connection.close()
    expect(a.traffic.totals.sent).toBeGreaterThanOrEqual(sent)
  })

  it('leaves it to the door-keeper who comes in', async () => {
    const deny: ConnectionGater = { ...open, denyInboundEncryptedConnection: () => true }
    const [closed, other] = await Promise.all([startCounting(deny), startCounting()])
    const [address] = closed.host.getMultiaddrs()
    if (address === undefined) throw new Error('It listens.')
    await other.host.dial(address).catch(() => undefined)
    expect(closed.traffic.totals).toEqual({ received: 0, sent: 0 })
  })
})
