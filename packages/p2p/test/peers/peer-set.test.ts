import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { protocolId } from '@chain/wire'
import { pEvent } from 'p-event'
import { describe, expect, it, onTestFinished } from 'vitest'
import { farewells } from '../../src/peers/farewell.ts'
import { MemoryKnownPeers } from '../../src/peers/known-peers.ts'
import { scoreHalfLife } from '../../src/peers/score.ts'
import { maxClockSkew } from '../../src/peers/status-check.ts'
import { newHost, specId, startHost } from '../hosts.ts'
import { connectNodes, startNode } from './nodes.ts'

describe('two nodes that connect', () => {
  it('become peers once they have told their status', async () => {
    const [a, b] = [await startNode({ status: { height: 3 } }), await startNode({ status: { height: 5 } })]
    const [peerOfA, peerOfB] = await connectNodes(a, b)
    expect(peerOfA).toMatchObject({ id: b.id, direction: 'outbound', score: 0, status: { height: 5 } })
    expect(peerOfB).toMatchObject({ id: a.id, direction: 'inbound', score: 0, status: { height: 3 } })
    expect(peerOfA.connection.status).toBe('open')
    expect(b.addresses()).toContain(peerOfA.address)
    expect(a.peers.list()).toEqual([peerOfA])
    expect(a.peers.get(b.id)).toBe(peerOfA)
  })

  it('are peers once, however often they are asked to connect', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const peers = await Promise.all([
      a.peers.connect(b.addresses()),
      a.peers.connect(b.addresses()),
      b.peers.connect(a.addresses()),
    ])
    expect(peers[0]).toBe(peers[1])
    expect(a.peers.list()).toHaveLength(1)
    expect(b.peers.list()).toHaveLength(1)
  })

  it('can be connected by peer id when its address is known', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await a.host.peerStore.merge(b.host.peerId, { multiaddrs: b.host.getMultiaddrs() })
    expect((await a.peers.connect(b.id)).id).toBe(b.id)
  })

  it('can be connected although the peer was avoided, when the operator asks', async () => {
    const [a, b] = [await startNode(), await startNode()]
    a.candidates.avoid(b.id, 60_000)
    await expect(a.peers.connect(b.addresses(), { source: 'dht' })).rejects.toMatchObject({
      code: 'peer-banned',
    })
    expect((await a.peers.connect(b.addresses())).id).toBe(b.id)
  })

  it('tell their status again when asked', async () => {
    const status = { height: 1 }
    const [a, b] = [await startNode(), await startNode({ status })]
    const [peer] = await connectNodes(a, b)
    status.height = 2
    const told = a.next('status', b.id)
    await a.peers.refresh(b.id)
    expect((await told).status.height).toBe(2)
    expect(peer.status.height).toBe(2)
  })

  it('remember each other with their listening addresses', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const identified = pEvent(b.host, 'peer:identify')
    await connectNodes(a, b)
    await identified
    await a.stop()
    await b.stop()
    const listening = (addresses: readonly string[]) => addresses.map((text) => text.split('/p2p/')[0])
    expect(a.table.get(b.id)).toMatchObject({ source: 'connect', failures: 0, anchor: true })
    expect(b.table.get(a.id)).toMatchObject({ source: 'inbound', failures: 0 })
    expect(b.table.get(a.id)?.lastSuccess).toBeTypeOf('number')
    expect(listening(a.table.get(b.id)?.addresses ?? [])).not.toEqual([])
  })
})

describe('a duplicate connection', () => {
  it('is closed, so that one logical peer with one connection is left on both sides', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const closed = [pEvent(a.host, 'connection:close'), pEvent(b.host, 'connection:close')]
    await Promise.all([
      a.host.dial(b.host.getMultiaddrs(), { force: true }),
      b.host.dial(a.host.getMultiaddrs(), { force: true }),
    ])
    await Promise.all([a.ready(b.id), b.ready(a.id), ...closed])
    const [connections, theirs] = [a.host.getConnections(b.host.peerId), b.host.getConnections(a.host.peerId)]
    expect(connections).toHaveLength(1)
    expect(connections[0]?.direction).toBe(a.id < b.id ? 'outbound' : 'inbound')
    expect(a.peers.list().map(({ connection }) => connection)).toEqual(connections)
    expect(b.peers.list().map(({ connection }) => connection.id)).toEqual(theirs.map(({ id }) => id))
  })

  it('that was there first is replaced when the smaller peer id dials as well', async () => {
    const nodes = [await startNode(), await startNode()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const [smaller, larger] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
    await connectNodes(larger, smaller)
    const moved = [smaller.next('peer-ready', larger.id), larger.next('peer-ready', smaller.id)]
    const closed = pEvent(larger.host, 'connection:close')
    await smaller.host.dial(larger.host.getMultiaddrs(), { force: true })
    const [peer, mirror] = await Promise.all(moved)
    await closed
    expect(peer).toMatchObject({
      direction: 'outbound',
      connection: { direction: 'outbound', status: 'open' },
    })
    expect(mirror).toMatchObject({
      direction: 'inbound',
      connection: { direction: 'inbound', status: 'open' },
    })
    expect(smaller.events.filter((event) => !event.startsWith('status'))).toEqual([
      `peer-ready ${larger.id}`,
      `peer-gone ${larger.id}`,
      `peer-ready ${larger.id}`,
    ])
  })
})

describe('a node refuses', () => {
  it('itself, by an address without peer id', async () => {
    const node = await startNode()
    const [own = ''] = node.addresses()
    const address = own.slice(0, own.indexOf('/p2p/'))
    await expect(node.peers.connect(address)).rejects.toMatchObject({ code: 'peer-is-self' })
    await expect(node.peers.connect(own)).rejects.toMatchObject({ code: 'peer-is-self' })
    for (const one of [address, own])
      expect(() => node.peers.add(one)).toThrow(expect.objectContaining({ code: 'peer-is-self' }))
  })

  it('to hold a connection to whom it keeps out', async () => {
    const node = await startNode()
    const { id } = await startNode()
    node.peers.ban(id, 60_000, 'asked for')
    node.peers.ban('192.0.2.1', 60_000, 'asked for')
    for (const address of [`/ip4/192.0.2.2/tcp/1/p2p/${id}`, '/ip4/192.0.2.1/tcp/1'])
      expect(() => node.peers.add(address)).toThrow(expect.objectContaining({ code: 'peer-banned' }))
    node.peers.unban('192.0.2.1')
    expect(node.peers.add('/ip4/192.0.2.1/tcp/1')).toBe(true)
    expect(node.peers.add('/ip4/192.0.2.1/tcp/1')).toBe(false)
  })

  it('itself, by a name that turns out to be its own', async () => {
    const node = await startNode()
    const port = /tcp\/(\d+)/.exec(node.addresses()[0] ?? '')?.[1] ?? ''
    await expect(node.peers.connect(`/dns4/localhost/tcp/${port}`)).rejects.toMatchObject({
      code: 'peer-is-self',
    })
  })

  it('a peer that has its own nonce', async () => {
    const nonce = new Uint8Array(8).fill(5)
    const [a, b] = [await startNode({ status: { nonce } }), await startNode({ status: { nonce } })]
    await expect(a.peers.connect(b.addresses())).rejects.toMatchObject({ code: 'peer-is-self' })
    expect(a.candidates.isAvoided(b.id)).toBe(true)
  })

  it('a peer with another genesis block, and does not dial it again', async () => {
    const [a, b] = [await startNode(), await startNode({ status: { genesis: new Uint8Array(32) } })]
    const closed = pEvent(a.host, 'connection:close')
    await expect(a.peers.connect(b.addresses())).rejects.toMatchObject({ code: 'peer-irrelevant' })
    await closed
    expect([...a.peers.list(), ...b.peers.list()]).toEqual([])
    await expect(a.host.dial(b.host.getMultiaddrs())).rejects.toThrow()
  })

  it('a peer whose clock is far off', async () => {
    const time = Math.floor(Date.now() / 1_000) + maxClockSkew + 100
    const [a, b] = [await startNode(), await startNode({ status: { time } })]
    await expect(a.peers.connect(b.addresses())).rejects.toMatchObject({ code: 'peer-irrelevant' })
    expect(a.scores.get(b.id, Date.now())).toBe(0)
  })

  it('a peer that does not know its protocols', async () => {
    const [a, stranger] = [await startNode(), await startHost()]
    await expect(a.peers.connect(stranger.getMultiaddrs().map(String))).rejects.toMatchObject({
      code: 'peer-irrelevant',
    })
  })

  it('an address at which nobody listens', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const addresses = b.addresses()
    await b.stop()
    await expect(a.peers.connect(addresses)).rejects.toMatchObject({ code: 'peer-unreachable' })
  })

  it('an address at which no peer answers, or another one, and says so', async () => {
    const [a, b, c] = [await startNode(), await startNode(), await startNode()]
    const web = createServer((_request, response) => response.writeHead(404).end())
    onTestFinished(() => void web.close())
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const there = `/ip4/127.0.0.1/tcp/${(web.address() as AddressInfo).port}`
    for (const address of [there, `${there}/ws`])
      await expect(a.peers.connect(address)).rejects.toThrow(
        `${address} cannot be reached: what answers there does not speak as peers do (is it the right port?).`,
      )
    const [elsewhere = ''] = b.addresses()
    await expect(a.peers.connect(elsewhere.replace(b.id, c.id))).rejects.toThrow(
      `another peer answers there, ${b.id}.`,
    )
    await expect(a.peers.connect('/ip4/127.0.0.1/tcp/9/ws')).rejects.toThrow('connection refused')
  })

  it('an address that is none', async () => {
    const node = await startNode()
    await expect(node.peers.connect('/nonsense')).rejects.toMatchObject({ code: 'address-malformed' })
    await expect(node.peers.connect('nonsense')).rejects.toMatchObject({ code: 'address-malformed' })
  })

  it('more inbound peers than it has room for', async () => {
    const full = await startNode({ capacity: { inbound: 1 } })
    const [first, second] = [await startNode(), await startNode()]
    await connectNodes(first, full)
    const closed = pEvent(second.host, 'connection:close')
    await Promise.allSettled([second.peers.connect(full.addresses()), closed])
    expect(full.peers.list().map(({ id }) => id)).toEqual([first.id])
    expect(second.host.getConnections()).toEqual([])
  })

  it('to choose a peer by itself that has just said that it has no room', async () => {
    const [node, other] = [await startNode(), await startNode()]
    node.candidates.heard(other.id, ['/ip4/127.0.0.1/tcp/1'], 'dht')
    node.candidates.rest(other.id, 60_000)
    await node.host.dial(other.host.getMultiaddrs())
    expect(node.peers.acquaintances()).toEqual([])
    expect(await node.peers.connect(other.addresses())).toMatchObject({ id: other.id })
  })

  it('to choose more outbound peers by itself than its target', async () => {
    const node = await startNode({ capacity: { outbound: 1 } })
    const [first, second] = [await startNode(), await startNode()]
    await connectNodes(node, first)
    await node.host.dial(second.host.getMultiaddrs())
    expect(node.peers.acquaintances()).toEqual([first.id])
    expect(await node.peers.connect(second.addresses())).toMatchObject({ id: second.id })
  })
})

describe('a node without room for inbound peers', () => {
  it('takes a newcomer in the place of the youngest that is of no special use', async () => {
    const full = await startNode({ capacity: { inbound: 3 } })
    const guests = [await startNode(), await startNode(), await startNode()] as const
    for (const guest of guests) await connectNodes(guest, full)
    const newcomer = await startNode()
    const gone = guests[2].next('peer-gone', full.id)
    await connectNodes(newcomer, full)
    await gone
    expect(guests[2].told).toMatchObject([{ reason: 'full', sentence: farewells.evicted.sentence }])
    expect(full.peers.list().map(({ id }) => id)).toEqual([guests[0].id, guests[1].id, newcomer.id])
  })

  it('keeps a guest that brought a block first', async () => {
    const full = await startNode({ capacity: { inbound: 3 } })
    const guests = [await startNode(), await startNode(), await startNode()] as const
    for (const guest of guests) await connectNodes(guest, full)
    full.peers.credit(guests[2].id, 'block')
    full.peers.credit(guests[1].id, 'transaction')
    expect(full.peers.get(guests[2].id)?.lastBlockAt).toBeTypeOf('number')
    const newcomer = await startNode()
    await Promise.allSettled([newcomer.peers.connect(full.addresses()), newcomer.goodbye()])
    expect(full.peers.list().map(({ id }) => id)).toEqual(guests.map(({ id }) => id))
  })
})

describe('the clocks of the peers that a node chose', () => {
  it('make it warn when most of them differ from its own', async () => {
    const node = await startNode()
    const time = Math.floor(Date.now() / 1_000) + 1_200
    for (let count = 0; count < 5; count++) {
      expect(node.peers.isClockSuspect).toBe(false)
      await connectNodes(node, await startNode({ status: { time } }))
    }
    expect(node.peers.isClockSuspect).toBe(true)
    expect(Math.abs(node.peers.clockOffset - 1_200)).toBeLessThan(60)
  })
})

describe('a peer that', () => {
  it('misbehaved before this node was started anew is forgiven for the time that has passed', async () => {
    const table = new MemoryKnownPeers()
    const firstSeen = Date.now() - scoreHalfLife
    await table.put({ peerId: 'peer', addresses: [], source: 'dht', score: -30, firstSeen, failures: 0 })
    const node = await startNode({ table })
    expect(node.scores.get('peer', Date.now())).toBeCloseTo(-15, 0)
  })

  it('misbehaves a little stays, with a lower score', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const [peer] = await connectNodes(a, b)
    a.peers.penalise(b.id, 'timeout', 'no headers')
    expect(peer.score).toBeCloseTo(-5, 1)
    expect(a.peers.get(b.id)).toBe(peer)
  })

  it('misbehaves more is disconnected and not accepted until it is forgiven', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(b, a)
    const gone = Promise.all([a.next('peer-gone', b.id), b.next('peer-gone', a.id)])
    a.peers.penalise(b.id, 'protocol-violation', 'garbage')
    await gone
    await expect(b.peers.connect(a.addresses())).rejects.toMatchObject({ code: 'peer-refused' })
    a.scores.set(b.id, 0, Date.now())
    expect(await b.peers.connect(a.addresses())).toMatchObject({ id: a.id })
  })

  it('sends an invalid block is banned, also after a restart, in both directions', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(b, a)
    const gone = b.next('peer-gone', a.id)
    a.peers.penalise(b.id, 'invalid-block', 'the Merkle root is wrong')
    await gone
    expect(a.bans.list()).toMatchObject([{ subject: b.id, reason: 'invalid-block' }])
    await a.stop()
    const restarted = await startNode({ table: a.table })
    await expect(b.peers.connect(restarted.addresses())).rejects.toMatchObject({ code: 'peer-refused' })
    await expect(restarted.peers.connect(b.addresses())).rejects.toMatchObject({ code: 'peer-banned' })
    restarted.peers.unban(b.id)
    await connectNodes(b, restarted)
  })

  it('calls from a banned machine is refused', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(b, a)
    const gone = b.next('peer-gone', a.id)
    a.peers.ban('127.0.0.1', 60_000, 'asked for')
    await gone
    await expect(b.peers.connect(a.addresses())).rejects.toThrow()
    expect(a.peers.list()).toEqual([])
  })

  it('dies is dropped', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(a, b)
    const gone = a.next('peer-gone', b.id)
    await b.host.stop()
    await gone
    expect(a.peers.list()).toEqual([])
  })

  it('answers garbage instead of a status is dropped and penalised', async () => {
    const a = await startNode()
    const liar = await newHost()
    await liar.handle(protocolId(specId, 'status/1'), (stream) => {
      stream.send(new Uint8Array([3, 1, 2, 3]))
      void stream.close()
    })
    await liar.start()
    await expect(a.peers.connect(liar.getMultiaddrs().map(String))).rejects.toMatchObject({
      code: 'peer-refused',
    })
    expect(a.scores.get(liar.peerId.toString(), Date.now())).toBeLessThan(-24)
    expect(a.host.getConnections()).toEqual([])
  })

  it('falls silent is dropped when it is asked', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(a, b)
    await b.host.unhandle(protocolId(specId, 'status/1'))
    expect(await a.peers.refresh(b.id)).toBeUndefined()
    expect(a.peers.list()).toEqual([])
  })

  it('is disconnected by the operator is gone on both sides', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(a, b)
    const gone = b.next('peer-gone', a.id)
    a.peers.disconnect(b.id)
    await gone
    expect(a.events).toEqual([`peer-ready ${b.id}`, `peer-gone ${b.id}`])
  })
})

describe('a node that stops', () => {
  it('parts from its peers and rejects those who wait', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const silent = await newHost()
    await silent.handle(protocolId(specId, 'status/1'), () => undefined)
    await silent.start()
    await connectNodes(a, b)
    const asked = pEvent(silent, 'connection:open')
    const waiting = expect(a.peers.connect(silent.getMultiaddrs().map(String))).rejects.toMatchObject({
      code: 'peers-stopped',
    })
    await asked
    await a.stop()
    await waiting
    expect(a.events).toEqual([`peer-ready ${b.id}`, `peer-gone ${b.id}`])
  })
})
