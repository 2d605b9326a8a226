import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import {
  findRendezvous,
  keysToAsk,
  keysToProvide,
  provideRendezvous,
  rendezvousKeys,
  shardOf,
  withdrawRendezvous,
} from '../../src/discovery/rendezvous.ts'
import { createIdentity } from '../../src/host/identity.ts'
import { specId } from '../hosts.ts'
import { connectNodes, providerRecord, rendezvousName, startNode, type TestNode } from '../peers/nodes.ts'

async function find(node: TestNode): Promise<string[]> {
  const found: string[] = []
  const keys = await rendezvousKeys(specId, rendezvousName)
  for (const key of keysToAsk(keys, node.host.peerId, 0)) {
    for await (const { peerId } of findRendezvous(node.host, key, AbortSignal.timeout(15_000))) {
      found.push(peerId)
    }
  }
  return found
}

describe('a rendezvous key', () => {
  it('is the SHA-256 of the text as a raw CID', async () => {
    const digest = await sha256.digest(new TextEncoder().encode('/chain/0a1b2c3d/rendezvous/1/town-square'))
    const [common] = await rendezvousKeys('0a1b2c3d', 'town-square')
    expect(common).toEqual(CID.createV1(0x55, digest))
  })

  it('differs between networks and names', async () => {
    const texts = [
      ...(await rendezvousKeys('0a1b2c3d', 'a')),
      ...(await rendezvousKeys('0a1b2c3d', 'b')),
      ...(await rendezvousKeys('0a1b2c3e', 'a')),
    ].map(String)
    expect(new Set(texts).size).toBe(3 * 17)
  })

  it('is common to all, and one of sixteen more is that of a peer id', async () => {
    const keys = await rendezvousKeys('0a1b2c3d', 'town-square')
    const shards = new Set<number>()
    for (let count = 0; count < 200; count++) {
      const peerId = peerIdFromPrivateKey(await createIdentity())
      const own = keys[1 + shardOf(peerId)]
      shards.add(shardOf(peerId))
      expect(keysToProvide(keys, peerId, false)).toEqual([keys[0], own])
      expect(keysToProvide(keys, peerId, true)).toEqual([own])
      const [common, first, second] = keysToAsk(keys, peerId, count / 200)
      expect([common, first]).toEqual([keys[0], own])
      expect(keys.slice(1).filter((key) => key !== own)).toContain(second)
    }
    expect(shards.size).toBe(16)
  })

  it('that is asked beside the own one may be any other', async () => {
    const keys = await rendezvousKeys('0a1b2c3d', 'town-square')
    const peerId = peerIdFromPrivateKey(await createIdentity())
    const drawn = Array.from({ length: 100 }, (_, index) => keysToAsk(keys, peerId, index / 99)[2])
    expect(new Set(drawn).size).toBe(15)
  })
})

describe('a node that asks the rendezvous', () => {
  it('finds those that registered there, with their addresses, and not itself', async () => {
    const keys = await rendezvousKeys(specId, rendezvousName)
    const [server, a, b] = [
      await startNode({ dht: true }),
      await startNode({ dht: true }),
      await startNode({ dht: true }),
    ]
    await connectNodes(a, server)
    await connectNodes(b, server)
    const signal = AbortSignal.timeout(15_000)
    const stored = [providerRecord(server, a.id), providerRecord(server, b.id)]
    await Promise.all([a, b].map(({ host }) => provideRendezvous(host, keys.slice(0, 1), signal)))
    await Promise.all(stored)
    expect(await find(a)).toEqual([b.id])
    for await (const { addresses } of findRendezvous(a.host, keys[0] as CID, signal)) {
      expect(addresses.every((address) => b.addresses().includes(`${address}/p2p/${b.id}`))).toBe(true)
    }
  })

  it('finds them under their shards when they have withdrawn from the common key', async () => {
    const keys = await rendezvousKeys(specId, rendezvousName)
    const [server, node] = [await startNode({ dht: true }), await startNode({ dht: true })]
    await connectNodes(node, server)
    const signal = AbortSignal.timeout(15_000)
    const stored = providerRecord(server, node.id)
    await provideRendezvous(node.host, keysToProvide(keys, node.host.peerId, true), signal)
    await stored
    await provideRendezvous(node.host, keys.slice(0, 1), signal)
    await withdrawRendezvous(node.host, keys[0] as CID, signal)
    const found: string[] = []
    const own = keys[1 + shardOf(node.host.peerId)] as CID
    for await (const { peerId } of findRendezvous(server.host, own, signal)) found.push(peerId)
    expect(found).toEqual([node.id])
    const left: string[] = []
    for await (const key of node.datastore.queryKeys({ prefix: '/dht/provider/' })) left.push(key.name())
    expect(left).toEqual([node.id])
  })

  it('is told when there is no hash table', async () => {
    const node = await startNode()
    const keys = await rendezvousKeys(specId, rendezvousName)
    await expect(provideRendezvous(node.host, keys, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: 'exchange-failed',
    })
  })

  it('waits for a server no longer than its signal says', async () => {
    const node = await startNode({ dht: true })
    const keys = await rendezvousKeys(specId, rendezvousName)
    const controller = new AbortController()
    const provided = expect(provideRendezvous(node.host, keys, controller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
    controller.abort()
    await provided
  })
})
