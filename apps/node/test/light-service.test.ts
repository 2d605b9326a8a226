import { toHex } from '@chain/core/bytes'
import { chainFilterHeaders } from '@chain/core/filters'
import { formatHash } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import {
  createLightHost,
  type FilterHeaders,
  requestFilterHeaders,
  requestFilters,
  requestProof,
  requestStatus,
} from '@chain/p2p'
import { protocolVersion, type Status, serviceFlags } from '@chain/wire'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { StartOptions } from '../src/config.ts'
import { directoryWith } from './directory-with.ts'
import { patience } from './patience.ts'
import { startTestNode, type TestNode } from './start-test-node.ts'

/** libp2p's. */
type Connection = Parameters<typeof requestStatus>[0]

const HEIGHT = 310
let builder: ChainBuilder
let specId: string

beforeAll(() => {
  builder = ChainBuilder.create()
  builder.mineEmpty(HEIGHT)
  specId = builder.spec.id
})

function hashAt(height: number): Uint8Array {
  return builder.tip.ancestor(height).hash
}

/** A node with the builder's chain, and the connection of a light client to it. */
async function startServing(options: StartOptions): Promise<TestNode & { connection: Connection }> {
  const test = await startTestNode({ datadir: await directoryWith(builder.blocks), ...options })
  await expect.poll(() => test.node.status().indexes.every(({ synced }) => synced), patience).toBe(true)
  const host = await createLightHost({ specId, agent: 'light-test/1.0.0' })
  onTestFinished(() => host.stop())
  await host.start()
  const { addresses } = test.node.status()
  return { ...test, connection: await host.dial(addresses.map((address) => multiaddr(address))) }
}

async function servicesOf(connection: Connection): Promise<number> {
  const ours: Status = {
    protocolVersion,
    agent: 'light-test/1.0.0',
    genesis: hashAt(0),
    tip: hashAt(0),
    height: 0,
    work: 2n,
    services: 0,
    time: Math.floor(Date.now() / 1_000),
    nonce: crypto.getRandomValues(new Uint8Array(8)),
  }
  return (await requestStatus(connection, specId, ours)).services
}

describe('a node that keeps filters', () => {
  it('says so, and serves those that its RPC shows', async () => {
    const { connection, rpc } = await startServing({ filterindex: true })
    expect(await servicesOf(connection)).toBe(serviceFlags.fullBlocks | serviceFlags.lightClients)
    const range = { startHeight: 300, stopHeight: HEIGHT, stop: hashAt(HEIGHT) }
    const { previous, hashes } = (await requestFilterHeaders(connection, specId, range)) as FilterHeaders
    const headers = chainFilterHeaders(previous, hashes)
    const wanted = hashes.map((filterHash, index) => ({ block: hashAt(300 + index), filterHash }))
    let height = 300
    for await (const found of requestFilters(connection, specId, 300, wanted)) {
      const shown = await rpc.call('getblockfilter', [formatHash(hashAt(height))])
      expect(found).toMatchObject({ kind: 'filter', block: hashAt(height) })
      expect(shown).toEqual({
        filter: toHex((found as { filter: Uint8Array }).filter),
        header: formatHash(headers[height - 300] as Uint8Array),
      })
      height += 1
    }
    expect(height).toBe(HEIGHT + 1)
  })

  it('serves filters of all blocks, and proofs of those that it has, when others are pruned', async () => {
    const { connection, rpc } = await startServing({ filterindex: true, prune: 1 })
    expect(await rpc.call('pruneblockchain', [20])).toBe(20)
    const range = { startHeight: 0, stopHeight: HEIGHT, stop: hashAt(HEIGHT) }
    expect(await requestFilterHeaders(connection, specId, range)).toMatchObject({ kind: 'headers' })
    const request = { txids: [], coinbase: true, transactions: true }
    expect(await requestProof(connection, specId, { ...request, block: hashAt(20) })).toBeUndefined()
    expect(await requestProof(connection, specId, { ...request, block: hashAt(21) })).toMatchObject({
      proven: [{ index: 0 }],
    })
  })
})

describe('a node that keeps no filters', () => {
  it('says so, and gives proofs all the same', async () => {
    const { connection } = await startServing({})
    expect(await servicesOf(connection)).toBe(serviceFlags.fullBlocks)
    const range = { startHeight: 0, stopHeight: 0, stop: hashAt(0) }
    await expect(requestFilterHeaders(connection, specId, range)).rejects.toMatchObject({
      code: 'peer-speaks-other-protocol',
    })
    const request = { block: hashAt(9), txids: [], coinbase: true, transactions: false }
    expect(await requestProof(connection, specId, request)).toMatchObject({ proven: [{ index: 0 }] })
  })
})
