import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { pEvent } from 'p-event'
import { describe, expect, it, onTestFinished } from 'vitest'
import { discoveryLimits } from '../../src/discovery/discovery-limits.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { MemoryKnownPeers } from '../../src/peers/known-peers.ts'
import { silentLog } from '../silent-log.ts'
import { startDiscovery } from './nodes.ts'

const withoutDht = { peers: 'all', dht: false } as const
const connectOnly = { peers: 'connect-only', dht: false } as const

function bare(address: string | undefined): string {
  return (address ?? '').split('/p2p/')[0] ?? ''
}

/** A port that takes connections and does with them what it is told. */
async function startServer(onSocket: (socket: Socket) => void): Promise<{ address: string; server: Server }> {
  const server = createServer(onSocket).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await pEvent(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { address: `/ip4/127.0.0.1/tcp/${port}`, server }
}

describe('two strangers', () => {
  it('that know only a bootstrap peer find each other by rendezvous', async () => {
    const bootstrap = await startDiscovery()
    const bootnodes = bootstrap.addresses()
    const [a, b] = [await startDiscovery({ bootnodes }), await startDiscovery({ bootnodes })]
    await Promise.all([a.ready(b.id), b.ready(a.id), a.ready(bootstrap.id), b.ready(bootstrap.id)])
    expect(a.peers.list()).toHaveLength(2)
    expect(b.peers.list()).toHaveLength(2)
  })

  it('find each other when the bootnode is named without its peer id', async () => {
    const bootstrap = await startDiscovery()
    const bootnodes = [bare(bootstrap.addresses()[0])]
    const [a, b] = [await startDiscovery({ bootnodes }), await startDiscovery({ bootnodes })]
    await Promise.all([a.ready(b.id), b.ready(a.id)])
  })
})

describe('a restarted node', () => {
  it('connects to the peers of its last run with discovery off', async () => {
    const friend = await startDiscovery({ mode: withoutDht })
    const before = await startDiscovery({ mode: withoutDht, bootnodes: friend.addresses() })
    await before.ready(friend.id)
    const gone = friend.next('peer-gone', before.id)
    await before.stop()
    await gone
    const after = await startDiscovery({ mode: withoutDht }, { table: before.table })
    expect(await after.ready(friend.id)).toMatchObject({ direction: 'outbound' })
  })

  it('is found again by the peer that it had dialled', async () => {
    const listener = await startDiscovery({ mode: withoutDht })
    const identified = pEvent(listener.host, 'peer:identify')
    const dialler = await startDiscovery({ mode: withoutDht, bootnodes: listener.addresses() })
    await Promise.all([listener.ready(dialler.id), identified])
    await listener.stop()
    const restarted = await startDiscovery({ mode: withoutDht }, { table: listener.table })
    expect((await restarted.ready(dialler.id)).id).toBe(dialler.id)
  })

  it('does not dial a peer that is banned', async () => {
    const [banned, friend] = [
      await startDiscovery({ mode: withoutDht }),
      await startDiscovery({ mode: withoutDht }),
    ]
    const bootnodes = [...banned.addresses(), ...friend.addresses()]
    const before = await startDiscovery({ mode: withoutDht, bootnodes })
    await Promise.all([before.ready(banned.id), before.ready(friend.id)])
    before.peers.ban(banned.id, 60_000, 'asked for')
    await before.stop()
    const after = await startDiscovery({ mode: withoutDht }, { table: before.table })
    await after.ready(friend.id)
    expect(after.peers.acquaintances()).toEqual([friend.id])
    expect(after.candidates.list().map(({ peerId }) => peerId)).toEqual([friend.id])
  })
})

describe('discovery', () => {
  it('holds a connection to an address that the operator named, over its restarts', async () => {
    const identity = await startDiscovery({ mode: connectOnly })
    const [address = ''] = identity.addresses()
    const node = await startDiscovery({ mode: connectOnly, connect: [bare(address)] })
    await node.ready(identity.id)
    const gone = node.next('peer-gone', identity.id)
    await identity.stop()
    await gone
    const again = await startDiscovery({ mode: connectOnly }, { host: { listen: [bare(address)] } })
    expect((await node.ready(again.id)).id).toBe(again.id)
  })

  it('recognises its own address and does not dial it again', async () => {
    const node = await startDiscovery({ mode: connectOnly })
    const friend = await startDiscovery({ mode: connectOnly })
    const [own = ''] = node.addresses()
    node.candidates.addFixed(bare(own), 'connect')
    node.candidates.addFixed(own, 'connect')
    node.peers.add(friend.addresses()[0] ?? '')
    await node.ready(friend.id)
    expect(node.candidates.list().map(({ peerId }) => peerId)).toEqual([friend.id])
  })

  it('tells once that nobody is at an address that was named', async () => {
    let dials = 0
    const told: object[] = []
    const { address } = await startServer((socket) => {
      dials++
      socket.destroy()
    })
    const log = { ...silentLog, info: (data: object) => void told.push(data) }
    await startDiscovery({ mode: connectOnly, connect: [address] }, { log })
    await expect.poll(() => dials, { timeout: 30_000 }).toBeGreaterThan(1)
    expect(told).toEqual([{ address, why: expect.stringContaining(address) }])
  })

  it('forgets a stranger that cannot be reached', async () => {
    const { address } = await startServer((socket) => socket.destroy())
    const table = new MemoryKnownPeers()
    const peerId = peerIdFromPrivateKey(await createIdentity()).toString()
    const row = { peerId, addresses: [address], source: 'dht', score: 0, firstSeen: 0, failures: 2 } as const
    await table.put(row)
    const removed = new Promise<string>((resolve) => {
      table.remove = (id) => Promise.resolve(resolve(id))
    })
    const node = await startDiscovery({ mode: withoutDht }, { table })
    expect(await removed).toBe(peerId)
    expect(node.candidates.list()).toEqual([])
    expect(node.candidates.heard(peerId, [address], 'dht')).toBe(false)
  })

  it('stops while it dials, at once', async () => {
    const { address, server } = await startServer(() => undefined)
    const dialled = pEvent(server, 'connection')
    const node = await startDiscovery({ mode: connectOnly, connect: [address] })
    await dialled
    const before = performance.now()
    await node.stop()
    expect(performance.now() - before).toBeLessThan(2_000)
  })
})

describe('a node to which no block has come for long', () => {
  it('chooses one outbound peer more until blocks come again, and keeps those that bring them', async () => {
    let isStale = true
    const others = [
      await startDiscovery({ mode: withoutDht, target: 0 }),
      await startDiscovery({ mode: withoutDht, target: 0 }),
    ]
    const [first, second] = others as [(typeof others)[0], (typeof others)[0]]
    const node = await startDiscovery(
      { mode: withoutDht, target: 1, bootnodes: others.flatMap((other) => other.addresses()) },
      { capacity: { outbound: 1 }, isStale: () => isStale },
    )
    await Promise.all([node.ready(first.id), node.ready(second.id)])
    node.peers.credit(first.id, 'block')
    const told = second.goodbye()
    isStale = false
    node.candidates.heard(
      '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5',
      ['/ip4/127.0.0.1/tcp/1'],
      'dht',
    )
    expect(await told).toMatchObject({ reason: 'done', peerId: node.id })
    expect(node.peers.list().map(({ id }) => id)).toEqual([first.id])
  })
})

it('many peers that are named one after the other lead to few plans', async () => {
  let plans = 0
  const isStale = (): boolean => {
    plans += 1
    return false
  }
  const start = performance.now()
  const node = await startDiscovery({ mode: withoutDht, target: 0 }, { isStale })
  for (let count = 0; count < 300; count++) {
    node.candidates.heard(`somebody ${count}`, ['/ip4/127.0.0.1/tcp/1'], 'mdns')
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(plans).toBeGreaterThan(0)
  expect(plans).toBeLessThanOrEqual(2 + (performance.now() - start) / discoveryLimits.planInterval)
})
