import type { MultiaddrConnection } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { describe, expect, it } from 'vitest'
import { createIdentity } from '../../src/host/identity.ts'
import {
  AddressScores,
  BanList,
  Candidates,
  defaultCapacity,
  KnownPeers,
  MemoryKnownPeers,
  PeerGater,
  ScoreBook,
} from '../../src/peers/index.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { startHost } from '../hosts.ts'
import { silentLog } from '../silent-log.ts'
import { startNode } from './nodes.ts'

const now = (): number => 1_000

function createGater(
  perAddress = 2,
  perSubnet = 100,
): { gater: PeerGater; bans: BanList; addressScores: AddressScores } {
  const known = new KnownPeers(new MemoryKnownPeers(), now, silentLog)
  const bans = new BanList(known, now)
  const addressScores = new AddressScores()
  const gater = new PeerGater({
    bans,
    scores: new ScoreBook(),
    addressScores,
    candidates: new Candidates({ known, now, steady: now, random: () => 0.5 }),
    capacity: { ...defaultCapacity, perAddress, perSubnet },
    steady: now,
  })
  return { gater, bans, addressScores }
}

/** As much of a socket as the door-keeper looks at. */
function socketFrom(address: string): MultiaddrConnection {
  return Object.assign(new EventTarget(), {
    remoteAddr: multiaddr(address),
    status: 'open',
  }) as unknown as MultiaddrConnection
}

describe('the door-keeper', () => {
  it('takes so many sockets from one IPv4 address and no more until one closes', () => {
    const { gater } = createGater()
    const first = socketFrom('/ip4/192.0.2.1/tcp/1000')
    expect(gater.denyInboundConnection(first)).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip4/192.0.2.1/tcp/1001'))).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip4/192.0.2.1/tcp/1002'))).toBe(true)
    expect(gater.denyInboundConnection(socketFrom('/ip4/192.0.2.2/tcp/1000'))).toBe(false)
    first.dispatchEvent(new Event('close'))
    expect(gater.denyInboundConnection(socketFrom('/ip4/192.0.2.1/tcp/1003'))).toBe(false)
  })

  it('counts an IPv6 network of 64 bits as one address', () => {
    const { gater } = createGater(1)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2001:db8::1/tcp/1'))).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2001:db8::2/tcp/1'))).toBe(true)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2001:db8:0:1::1/tcp/1'))).toBe(false)
  })

  it('takes so many sockets from one public subnet, and none of its limits are left half taken', () => {
    const { gater } = createGater(2, 3)
    const sockets = [1, 2, 3].map((host) => socketFrom(`/ip4/8.8.8.${host}/tcp/1`))
    expect(sockets.map(gater.denyInboundConnection)).toEqual([false, false, false])
    expect(gater.denyInboundConnection(socketFrom('/ip4/8.8.8.4/tcp/1'))).toBe(true)
    expect(gater.denyInboundConnection(socketFrom('/ip4/8.8.9.4/tcp/1'))).toBe(false)
    sockets[0]?.dispatchEvent(new Event('close'))
    expect(gater.denyInboundConnection(socketFrom('/ip4/8.8.8.4/tcp/1'))).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2a00:1:2::1/tcp/1'))).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2a00:1:2:5::1/tcp/1'))).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2a00:1:2:6::1/tcp/1'))).toBe(false)
    expect(gater.denyInboundConnection(socketFrom('/ip6/2a00:1:2:7::1/tcp/1'))).toBe(true)
  })

  it('does not count the subnet of a local network, which is one by nature', () => {
    const { gater } = createGater(2, 1)
    for (let host = 1; host < 60; host++) {
      expect(gater.denyInboundConnection(socketFrom(`/ip4/192.168.1.${host}/tcp/1`))).toBe(false)
    }
  })

  it('does not count nodes on the same machine', () => {
    const { gater } = createGater(1)
    for (let port = 1; port < 10; port++) {
      expect(gater.denyInboundConnection(socketFrom(`/ip4/127.0.0.1/tcp/${port}`))).toBe(false)
    }
  })

  it('refuses a banned machine both ways, and a banned peer at every door', async () => {
    const { gater, bans } = createGater()
    const peerId = peerIdFromPrivateKey(await createIdentity())
    bans.ban('192.0.2.1', 500, 'asked for')
    bans.ban(peerId.toString(), 500, 'invalid-block')
    expect(gater.denyInboundConnection(socketFrom('/ip4/192.0.2.1/tcp/1'))).toBe(true)
    expect(gater.denyDialMultiaddr(multiaddr('/ip4/192.0.2.1/tcp/1'))).toBe(true)
    expect(gater.denyDialMultiaddr(multiaddr('/ip4/192.0.2.2/tcp/1'))).toBe(false)
    expect(gater.denyDialPeer(peerId)).toBe(true)
    const socket = socketFrom('/ip4/192.0.2.2/tcp/1')
    expect(gater.denyInboundEncryptedConnection(peerId, socket)).toBe(true)
    expect(gater.denyOutboundEncryptedConnection(peerId, socket)).toBe(true)
  })

  it('refuses an address whose peers did wrong under one id after the other, but none of its neighbours', async () => {
    const { gater, addressScores } = createGater(10)
    const socket = socketFrom('/ip4/192.0.2.1/tcp/1')
    const accepted: boolean[] = []
    for (let count = 0; count < 4; count++) {
      accepted.push(!gater.denyInboundConnection(socket))
      const peerId = peerIdFromPrivateKey(await createIdentity())
      expect(gater.denyInboundEncryptedConnection(peerId, socket)).toBe(false)
      addressScores.penalise(peerId.toString(), 'protocol-violation', now())
    }
    expect(accepted).toEqual([true, true, true, false])
    expect(gater.denyInboundConnection(socketFrom('/ip4/192.0.2.2/tcp/1'))).toBe(false)
  })

  it('takes so many connections of one peer', async () => {
    const [node, stranger] = [await startNode(), await startHost()]
    for (let count = 0; count < peerLimits.connectionsPerPeer; count++) {
      await stranger.dial(node.host.getMultiaddrs(), { force: true })
    }
    const refused = await stranger.dial(node.host.getMultiaddrs(), { force: true }).catch(() => undefined)
    if (refused?.status === 'open') await pEvent(refused, 'close')
    expect(node.host.getConnections(stranger.peerId).length).toBeLessThanOrEqual(
      peerLimits.connectionsPerPeer,
    )
  })
})
