import type { Connection, Stream, StreamHandler } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { dhtLimits } from '../../src/dht/dht-limits.ts'
import { addressesToTell, guardPeerStore, guardRegistrar } from '../../src/dht/guard.ts'
import { isFollowed } from '../../src/peers/address-scope.ts'
import { connectPair, openPair } from '../loopback.ts'
import { startTable } from './tables.ts'

type Registrar = KadDHTComponents['registrar']

describe('requests of one peer', () => {
  let handled = 0
  let handler: StreamHandler
  beforeEach(async () => {
    handled = 0
    const handle = async (_: string, guarded: StreamHandler): Promise<void> => {
      handler = guarded
    }
    await guardRegistrar({ handle } as Registrar, () => undefined).handle('/test/1', () => {
      handled += 1
    })
  })

  async function exhaust(): Promise<{ stream: Stream; connection: Connection }> {
    const pair = await connectPair()
    const { server: stream } = await openPair(pair)
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const connection = pair.serverConnection
    for (let count = 0; count < dhtLimits.requestBurst; count += 1) await handler(stream, connection)
    expect(handled).toBe(dhtLimits.requestBurst)
    return { stream, connection }
  }

  it('wait when they come faster than they are answered', async () => {
    const { stream, connection } = await exhaust()
    const answered = handler(stream, connection)
    expect(handled).toBe(dhtLimits.requestBurst)
    await vi.advanceTimersByTimeAsync(1_000 / dhtLimits.requestsPerSecond)
    await answered
    expect(handled).toBe(dhtLimits.requestBurst + 1)
  })

  it('leave nothing behind when their streams close while they wait', async () => {
    const { stream, connection } = await exhaust()
    const waiting = Array.from({ length: 50 }, async () => {
      await handler(stream, connection)
    })
    expect(vi.getTimerCount()).toBeGreaterThanOrEqual(50)
    stream.abort(new Error('over'))
    await Promise.all(waiting)
    expect(handled).toBe(dhtLimits.requestBurst)
  })
})

describe('addresses of a peer', () => {
  it('are few and short where they are told', () => {
    const long = multiaddr(`/dns4/${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example/tcp/1`)
    const many = Array.from({ length: 20 }, (_, index) => multiaddr(`/ip4/192.0.2.${index}/tcp/1`))
    expect(addressesToTell([long, ...many])).toEqual(many.slice(0, dhtLimits.addressesPerPeer))
  })

  it('that lead into the own network are not kept when others name them', async () => {
    const { host } = await startTable()
    const { peerId } = await startTable().then((node) => node.host)
    const own = [multiaddr('/ip4/8.8.8.8/tcp/4001')]
    const store = guardPeerStore(host.peerStore, (address) =>
      isFollowed(address, own, { loopback: false, private: false }),
    )
    const multiaddrs = ['/ip4/10.0.0.1/tcp/22', '/ip4/127.0.0.1/tcp/25', '/ip4/8.8.4.4/tcp/4001']
    await store.merge(peerId, { multiaddrs: multiaddrs.map((text) => multiaddr(text)) })
    const { addresses } = await host.peerStore.get(peerId)
    expect(addresses.map((each) => each.multiaddr.toString())).toEqual(['/ip4/8.8.4.4/tcp/4001'])
  })

  it('that the peer has signed outlast those that others name', async () => {
    const { host } = await startTable()
    const { peerId } = await startTable().then((node) => node.host)
    const signed = multiaddr('/ip4/192.0.2.1/tcp/4001')
    await host.peerStore.patch(peerId, { addresses: [{ multiaddr: signed, isCertified: true }] })
    const store = guardPeerStore(host.peerStore, () => true)
    for (let index = 0; index < 3 * dhtLimits.addressesPerPeer; index += 1) {
      await store.merge(peerId, { multiaddrs: [multiaddr(`/ip4/198.51.100.${index}/tcp/4001`)] })
    }
    const { addresses } = await host.peerStore.get(peerId)
    expect(addresses).toHaveLength(dhtLimits.addressesPerPeer)
    const kept = addresses.map(({ multiaddr: address }) => address.toString())
    expect(kept).toContain(signed.toString())
    expect(kept).toContain('/ip4/198.51.100.23/tcp/4001')
  })
})
