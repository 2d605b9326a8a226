import { goodbyeReasons } from '@chain/wire'
import { describe, expect, it } from 'vitest'
import { farewells, farewellTo, reasonOfGoodbye } from '../../src/peers/farewell.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { maxClockSkew } from '../../src/peers/status-check.ts'
import { handleGoodbye, sayGoodbye } from '../../src/protocols/goodbye.ts'
import { newHost, specId } from '../hosts.ts'
import { connectHosts } from '../loopback.ts'
import { connectNodes, startNode } from './nodes.ts'

describe('a goodbye', () => {
  it('has a reason that later versions may not know', () => {
    for (const [name, reason] of Object.entries(goodbyeReasons)) {
      expect(reasonOfGoodbye({ reason, sentence: '' })).toBe(name)
    }
    expect(reasonOfGoodbye({ reason: 77, sentence: '' })).toBeUndefined()
  })

  it('is heard over a connection, which stays open', async () => {
    const [client, server] = [await newHost(), await newHost()]
    const heard = new Promise((resolve) => {
      void handleGoodbye(server, specId, (goodbye, peer) => resolve([goodbye, peer.toString()]))
    })
    await Promise.all([client.start(), server.start()])
    const { connection } = await connectHosts(client, server)
    const goodbye = { reason: goodbyeReasons.full, sentence: 'There is no room.' }
    await sayGoodbye(connection, specId, goodbye)
    expect(await heard).toEqual([goodbye, client.peerId.toString()])
    expect(connection.status).toBe('open')
  })
})

describe('a node says why it closes a connection', () => {
  it('when it stops, which is no reason to stay away', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(a, b)
    const gone = a.next('peer-gone', b.id)
    await b.stop()
    await gone
    expect(a.told).toMatchObject([{ peerId: b.id, reason: 'stopping' }])
    expect(a.candidates.isAvoided(b.id)).toBe(false)
  })

  it('when the operator disconnects', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(a, b)
    const gone = b.next('peer-gone', a.id)
    a.peers.disconnect(b.id)
    await gone
    expect(b.told).toMatchObject([{ peerId: a.id, reason: 'done', sentence: farewells.operator.sentence }])
  })

  it('when it bans, and the banned one stays away for a while', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(b, a)
    const gone = b.next('peer-gone', a.id)
    a.peers.penalise(b.id, 'invalid-block', 'the Merkle root is wrong')
    await gone
    expect(b.told).toMatchObject([{ reason: 'banned', sentence: farewellTo('invalid-block').sentence }])
    const [candidate] = b.candidates.list()
    expect(candidate?.nextAttempt).toBeGreaterThan(Date.now() + 60_000)
  })

  it('when it is full, and who asked learns it', async () => {
    const full = await startNode({ capacity: { inbound: 1 } })
    const [first, second] = [await startNode(), await startNode()]
    await connectNodes(first, full)
    const [asked] = await Promise.allSettled([second.peers.connect(full.addresses()), second.goodbye()])
    expect(second.told).toMatchObject([{ reason: 'full' }])
    if (asked.status === 'rejected') expect(asked.reason).toMatchObject({ code: 'peer-refused' })
  })

  it('when the clocks are far apart', async () => {
    const time = Math.floor(Date.now() / 1_000) + maxClockSkew + 100
    const [a, b] = [await startNode(), await startNode({ status: { time } })]
    // Both notice it, and whoever is first closes the connection.
    const told = Promise.race([a.goodbye(), b.goodbye()])
    await expect(a.peers.connect(b.addresses())).rejects.toMatchObject({ code: 'peer-irrelevant' })
    await told
    expect([...a.told, ...b.told]).toContainEqual(expect.objectContaining({ reason: 'wrong-clock' }))
  })
})

describe('a node that hears its peers too often', () => {
  it('reads their status no faster than agreed', async () => {
    const node = await startNode()
    const stranger = await startNode()
    await connectNodes(stranger, node)
    const asked = Promise.all(
      Array.from({ length: peerLimits.talkBurst + 1 }, () => stranger.peers.refresh(node.id)),
    )
    const before = performance.now()
    await asked
    // The last one waits for the allowance of one request: two seconds.
    expect(performance.now() - before).toBeGreaterThan(1_000)
    expect(stranger.peers.get(node.id)).toBeDefined()
  })
})
