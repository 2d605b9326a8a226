import { Key } from 'interface-datastore'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { forgetPeer } from '../../src/discovery/forget-peer.ts'
import { findRendezvous, provideRendezvous, rendezvousKeys } from '../../src/discovery/rendezvous.ts'
import { specId } from '../hosts.ts'
import { connectNodes, providerRecord, rendezvousName, startNode, type TestNode } from '../peers/nodes.ts'

async function providerRecords(node: TestNode): Promise<string[]> {
  const owners: string[] = []
  for await (const key of node.datastore.queryKeys({ prefix: '/dht/provider/' })) owners.push(key.name())
  return owners
}

async function find(node: TestNode, signal: AbortSignal): Promise<string[]> {
  const found: string[] = []
  const [common] = await rendezvousKeys(specId, rendezvousName)
  for await (const { peerId } of findRendezvous(node.host, common as CID, signal)) found.push(peerId)
  return found
}

describe('a peer that is forgotten', () => {
  it('takes its provider records with it, so that the hash table still answers for the others', async () => {
    const keys = (await rendezvousKeys(specId, rendezvousName)).slice(0, 1)
    const signal = AbortSignal.timeout(15_000)
    const server = await startNode({ dht: true })
    const [gone, stays] = [await startNode({ dht: true }), await startNode({ dht: true })]
    for (const node of [gone, stays]) {
      const stored = providerRecord(server, node.id)
      await connectNodes(node, server)
      await provideRendezvous(node.host, keys, signal)
      await stored
    }
    expect((await providerRecords(server)).sort()).toEqual([gone.id, stays.id].sort())
    await gone.stop()
    await forgetPeer(server.host, server.datastore, gone.id)
    expect(await providerRecords(server)).toEqual([stays.id])
    const seeker = await startNode({ dht: true })
    await connectNodes(seeker, server)
    expect(await find(seeker, signal)).toContain(stays.id)
  })

  it('may have left no trace', async () => {
    const [node, other] = [await startNode(), await startNode()]
    await node.datastore.put(new Key('/dht/provider/key/somebody'), new Uint8Array())
    await forgetPeer(node.host, node.datastore, other.id)
    expect(await providerRecords(node)).toEqual(['somebody'])
  })
})
