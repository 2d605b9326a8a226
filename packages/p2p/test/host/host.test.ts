import { connect } from 'node:net'
import { protocolId, protocolPrefix } from '@chain/wire'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { HostServices } from '../../src/host/host.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { connectLightHost, newHost, specId, startHost } from '../hosts.ts'
import { connectHosts, transports } from '../loopback.ts'

async function keyOf(text: string): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))
}

function identified(host: Libp2p): Promise<string | undefined> {
  return new Promise((resolve) => {
    host.addEventListener('peer:identify', (event) => resolve(event.detail.agentVersion), { once: true })
  })
}

async function provide(host: Libp2p<HostServices>, key: CID): Promise<void> {
  const events = host.services.dht?.provide(key, { signal: AbortSignal.timeout(10_000) })
  for await (const _ of events ?? []);
}

async function findProviders(host: Libp2p<HostServices>, key: CID): Promise<PeerId[]> {
  const found: PeerId[] = []
  const events = host.services.dht?.findProviders(key, { signal: AbortSignal.timeout(10_000) })
  for await (const event of events ?? []) {
    if (event.name === 'PROVIDER') found.push(...event.providers.map(({ id }) => id))
    if (event.name === 'PEER_RESPONSE') found.push(...event.providers.map(({ id }) => id))
  }
  return found
}

describe('the host of a node', () => {
  it('has the peer id of its identity after every start', async () => {
    const identity = await createIdentity()
    const first = await startHost({ identity })
    const second = await startHost({ identity })
    expect(first.peerId.toString()).toBe(second.peerId.toString())
  })

  it('is not started before its protocols are registered', async () => {
    const host = await newHost()
    expect(host.status).toBe('stopped')
    expect(host.getMultiaddrs()).toEqual([])
  })

  it('listens on TCP and WebSocket and is reached on both', async () => {
    const server = await startHost({ listen: [transports.tcp, transports.ws] })
    for (const address of server.getMultiaddrs()) {
      const client = await startHost({ listen: [] })
      const connection = await client.dial(address)
      expect(connection.remotePeer.equals(server.peerId)).toBe(true)
    }
    expect(server.getMultiaddrs()).toHaveLength(2)
  })

  it('announces no loopback address unless it may', async () => {
    const host = await startHost({ allowLoopback: false })
    expect(host.getMultiaddrs()).toEqual([])
  })

  it('announces the addresses it is told to', async () => {
    const host = await startHost({ announce: ['/dns4/chain.example/tcp/9333'] })
    expect(host.getMultiaddrs().map(String)).toEqual([`/dns4/chain.example/tcp/9333/p2p/${host.peerId}`])
  })

  it('tells its agent and learns that of the other side', async () => {
    const server = await startHost()
    const client = await startHost({ listen: [] })
    const agent = identified(client)
    await connectHosts(client, server)
    expect(await agent).toContain('chain-test/1.2.3')
  })

  it('answers pings of its own network', async () => {
    const [client, server] = [await startHost({ listen: [] }), await startHost()]
    await connectHosts(client, server)
    expect(await client.services.ping.ping(server.peerId)).toBeGreaterThanOrEqual(0)
  })

  it('pings a peer that has not done with earlier pings, and is pinged by it', async () => {
    const [client, server] = [await startHost({ listen: [] }), await startHost()]
    const { connection, serverConnection } = await connectHosts(client, server)
    for (const end of [connection, serverConnection]) {
      for (let count = 0; count < 4; count += 1) await end.newStream(`/${protocolPrefix(specId)}/ping/1.0.0`)
    }
    expect(await client.services.ping.ping(server.peerId)).toBeGreaterThanOrEqual(0)
    expect(await server.services.ping.ping(client.peerId)).toBeGreaterThanOrEqual(0)
  })

  it('has no protocol in common with a host of another network', async () => {
    const server = await startHost()
    await server.handle(protocolId(specId, 'status/1'), () => undefined)
    const client = await startHost({ specId: 'ffffffff', listen: [] })
    const { connection } = await connectHosts(client, server)
    expect(connection.status).toBe('open')
    await expect(connection.newStream(protocolId('ffffffff', 'status/1'))).rejects.toThrow()
    await expect(client.services.ping.ping(server.peerId)).rejects.toThrow()
    expect(server.getProtocols().filter((id) => !id.includes(specId))).toEqual([])
  })

  it('asks the gater whom to refuse', async () => {
    const server = await startHost({ gater: { denyInboundEncryptedConnection: () => true } })
    const client = await startHost({ listen: [] })
    const dialled = client.dial(server.getMultiaddrs()).then(
      (connection) => new Promise((resolve) => connection.addEventListener('close', resolve)),
      () => undefined,
    )
    await dialled
    expect(server.getConnections()).toEqual([])
  })

  it('keeps accepting connections while sixty sockets say nothing', async () => {
    const server = await startHost()
    const port = Number(/tcp\/(\d+)/.exec(String(server.getMultiaddrs()[0]))?.[1])
    const sockets = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'))
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    const client = await startHost({ listen: [] })
    const { connection } = await connectHosts(client, server)
    expect(connection.status).toBe('open')
    for (const socket of sockets) socket.destroy()
  })
})

describe('the peer store of a node', () => {
  it('knows the addresses of a connected peer for ever, though nothing renews them', async () => {
    const [client, server] = [await startHost(), await startHost()]
    const known = identified(client)
    await connectHosts(client, server)
    await known
    const before = (await client.peerStore.get(server.peerId)).addresses
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20 * 86_400_000 })
    onTestFinished(() => void vi.useRealTimers())
    expect((await client.peerStore.get(server.peerId)).addresses).toEqual(before)
    expect(before.length).toBeGreaterThan(0)
  })
})

describe('the distributed hash table', () => {
  it('brings two strangers together that know only a third', async () => {
    const key = await keyOf('rendezvous')
    const dht = { providerKeys: [key] }
    const first = await startHost({ dht })
    const second = await startHost({ dht })
    const third = await startHost({ dht })
    await connectHosts(second, first)
    await provide(second, key)
    await connectHosts(third, first)
    const found = await findProviders(third, key)
    expect(found.map(String)).toContain(String(second.peerId))
  })

  it('can be left out', async () => {
    const host = await startHost({ dht: false })
    expect(host.services.dht).toBeUndefined()
    expect(host.getProtocols().filter((id) => id.includes('kad'))).toEqual([])
  })
})

describe('the host of a wallet', () => {
  it.each(Object.entries(transports))('reaches a node over %s and listens nowhere', async (_, listen) => {
    const { client, connection } = await connectLightHost(listen)
    expect(connection.status).toBe('open')
    expect(client.getMultiaddrs()).toEqual([])
  })
})
