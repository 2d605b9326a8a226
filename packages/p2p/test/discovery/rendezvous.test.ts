import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { findRendezvous, provideRendezvous, rendezvousKeys } from '../../src/discovery/rendezvous.ts'
import { specId } from '../hosts.ts'
import { connectNodes, providerRecord, rendezvousName, startNode, type TestNode } from '../peers/nodes.ts'

async function find(node: TestNode): Promise<string[]> {
  const found: string[] = []
  const keys = await rendezvousKeys(specId, rendezvousName)
  for await (const { peerId } of findRendezvous(node.host, keys, AbortSignal.timeout(15_000))) {
    found.push(peerId)
  }
  return found
}

describe('a rendezvous key', () => {
  it('is the SHA-256 of the text as a raw CID', async () => {
    const digest = await sha256.digest(new TextEncoder().encode('/chain/0a1b2c3d/rendezvous/1/town-square'))
    expect(await rendezvousKeys('0a1b2c3d', 'town-square')).toEqual([CID.createV1(0x55, digest)])
  })

  it('differs between networks and names', async () => {
    const texts = [
      ...(await rendezvousKeys('0a1b2c3d', 'a')),
      ...(await rendezvousKeys('0a1b2c3d', 'b')),
      ...(await rendezvousKeys('0a1b2c3e', 'a')),
    ].map(String)
    expect(new Set(texts).size).toBe(3)
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
    await Promise.all([a, b].map(({ host }) => provideRendezvous(host, keys, signal)))
    await Promise.all(stored)
    expect(await find(a)).toEqual([b.id])
    for await (const { addresses } of findRendezvous(a.host, keys, signal)) {
      expect(addresses.every((address) => b.addresses().includes(`${address}/p2p/${b.id}`))).toBe(true)
    }
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
