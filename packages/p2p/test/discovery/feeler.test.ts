import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { pEvent } from 'p-event'
import { describe, expect, it } from 'vitest'
import { feel } from '../../src/discovery/feeler.ts'
import { createIdentity } from '../../src/host/identity.ts'
import type { Candidate } from '../../src/peers/candidates.ts'
import { startHost } from '../hosts.ts'
import { connectNodes, startNode, type TestNode } from '../peers/nodes.ts'
import { startDiscovery } from './nodes.ts'

const signal = AbortSignal.timeout(60_000)

function hear(node: TestNode, peerId: string, addresses: readonly string[]): Candidate {
  node.candidates.heard(
    peerId,
    addresses.map((text) => text.split('/p2p/')[0] ?? ''),
    'exchange',
  )
  return node.candidates.list().find(({ key }) => key === peerId) as Candidate
}

describe('a feeler', () => {
  it('finds out that an address works, makes no peer of it and leaves with a goodbye', async () => {
    const [node, stranger] = [await startNode({ capacity: { outbound: 0 } }), await startNode()]
    const candidate = hear(node, stranger.id, stranger.addresses())
    const closed = pEvent(node.host, 'connection:close')
    await Promise.all([feel(candidate, node, signal), stranger.goodbye()])
    await closed
    expect(node.candidates.list()).toMatchObject([{ key: stranger.id, failures: 0 }])
    expect(node.candidates.list()[0]?.lastSuccess).toBeTypeOf('number')
    expect(stranger.told).toMatchObject([{ peerId: node.id, reason: 'done' }])
    expect([...node.events, ...stranger.events]).toEqual([])
  })

  it('leaves a connection alone that is there for another reason', async () => {
    const [node, friend] = [await startNode(), await startNode()]
    const [peer] = await connectNodes(node, friend)
    await feel(hear(node, friend.id, friend.addresses()), node, signal)
    expect(peer.connection.status).toBe('open')
  })

  it('fails where nobody answers, somebody else does, or a node of another network', async () => {
    const node = await startNode({ capacity: { outbound: 0 } })
    const [other, foreign] = [await startNode(), await startHost({ specId: 'ffffffff' })]
    const nobody = peerIdFromPrivateKey(await createIdentity()).toString()
    await expect(feel(hear(node, nobody, other.addresses()), node, signal)).rejects.toThrow()
    const foreignId = foreign.peerId.toString()
    const candidate = hear(node, foreignId, foreign.getMultiaddrs().map(String))
    await expect(feel(candidate, node, signal)).rejects.toMatchObject({ code: 'peer-speaks-other-protocol' })
    expect(node.candidates.list().every(({ lastSuccess }) => lastSuccess === undefined)).toBe(true)
  })

  it('is sent out by a node that has all the peers that it wants', async () => {
    const [friend, stranger] = [await startNode(), await startNode()]
    const node = await startDiscovery(
      { mode: { peers: 'all', dht: false }, target: 1, bootnodes: friend.addresses() },
      { capacity: { outbound: 1 } },
    )
    await node.ready(friend.id)
    const said = stranger.goodbye()
    hear(node, stranger.id, stranger.addresses())
    expect(await said).toMatchObject({ reason: 'done' })
    expect(node.peers.list().map(({ id }) => id)).toEqual([friend.id])
  })
})
