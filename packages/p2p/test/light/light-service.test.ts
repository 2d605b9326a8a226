import { findProvenFilterCommitment, inlineVerifier } from '@chain/core/consensus'
import { chainFilterHeaders, matchFilter } from '@chain/core/filters'
import { Mempool } from '@chain/core/mempool'
import {
  blockHash,
  encodeTransaction,
  type Transaction,
  txid,
  txids,
  ZERO_HASH,
} from '@chain/core/primitives'
import { type ChainBuilder, testKey } from '@chain/core/testing'
import { encodeFilterRequest, fieldLimits, protocolId } from '@chain/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import { answerPeers } from '../../src/answers.ts'
import { systemClock } from '../../src/clock.ts'
import {
  type FilterHeaders,
  type FoundFilter,
  requestFilterHeaders,
  requestFilters,
  type WantedFilter,
} from '../../src/protocols/filters.ts'
import { type BlockProof, requestProof } from '../../src/protocols/proofs.ts'
import { startHost } from '../hosts.ts'
import { connectHosts } from '../loopback.ts'
import { lateClock, silentLog } from '../nodes.ts'
import { buildChain, type LightPair, openChain, spec, startLightPair } from './chains.ts'

const HEIGHT = 40
let builder: ChainBuilder

beforeAll(() => {
  builder = buildChain(HEIGHT)
})

function hashAt(height: number): Uint8Array {
  return builder.tip.ancestor(height).hash
}

function filterHeaderAt(height: number): Uint8Array {
  return builder.tip.ancestor(height).filterHeader as Uint8Array
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

function headersOf({ connection }: LightPair, startHeight: number, stopHeight: number) {
  const range = { startHeight, stopHeight, stop: hashAt(stopHeight) }
  return requestFilterHeaders(connection, spec.id, range)
}

/** The blocks of a range with the filter hashes that the node tells. */
async function wantedOf(pair: LightPair, startHeight: number, stopHeight: number): Promise<WantedFilter[]> {
  const { hashes } = (await headersOf(pair, startHeight, stopHeight)) as FilterHeaders
  return hashes.map((filterHash, index) => ({ block: hashAt(startHeight + index), filterHash }))
}

describe('filter headers', () => {
  it.each([
    [0, HEIGHT],
    [0, 0],
    [7, 19],
    [HEIGHT, HEIGHT],
  ])('of heights %i to %i follow those that the chain commits to', async (start, stop) => {
    const pair = await startLightPair(builder.blocks)
    const { previous, hashes } = (await headersOf(pair, start, stop)) as FilterHeaders
    expect(previous).toEqual(start === 0 ? ZERO_HASH : filterHeaderAt(start - 1))
    expect(chainFilterHeaders(previous, hashes)).toEqual(
      Array.from({ length: stop - start + 1 }, (_, index) => filterHeaderAt(start + index)),
    )
  })

  it('are not told of a block that is unknown, or on a side branch', async () => {
    const side = builder.fork()
    const other = side.mine({ extraNonce: 7 })
    const pair = await startLightPair([...builder.blocks, builder.fork().mine(), other])
    for (const stop of [new Uint8Array(32).fill(1), blockHash(other.header)]) {
      const range = { startHeight: 3, stopHeight: HEIGHT + 1, stop }
      const answer = await requestFilterHeaders(pair.connection, spec.id, range)
      expect(answer).toEqual({ kind: 'not-found', hash: stop })
      const filters = requestFilters(pair.connection, spec.id, 3, [{ block: stop, filterHash: stop }])
      expect(await collect(filters)).toEqual([answer])
    }
    expect(pair.faults).toEqual([])
  })

  it('are not told before the index has come so far', async () => {
    const pair = await startLightPair(builder.blocks)
    const wanted = await wantedOf(pair, 1, 20)
    pair.filters.height = 10
    const missing = { kind: 'not-indexed', hash: hashAt(20) }
    expect(await headersOf(pair, 0, 20)).toEqual(missing)
    expect(await headersOf(pair, 11, 20)).toMatchObject({ kind: 'not-indexed' })
    const replies = await collect(requestFilters(pair.connection, spec.id, 1, wanted))
    expect(replies).toHaveLength(11)
    expect(replies.at(-1)).toEqual(missing)
    expect(pair.faults).toEqual([])
  })

  it('of a range that ends before it begins are a fault', async () => {
    const pair = await startLightPair(builder.blocks)
    const range = { startHeight: 6, stopHeight: 5, stop: hashAt(5) }
    const request = requestFilterHeaders(pair.connection, spec.id, range)
    await expect(request).rejects.toMatchObject({ code: 'peer-reset' })
    expect(pair.faults).toEqual(['request-invalid'])
  })

  it('are not served without an index', async () => {
    const chain = await openChain(builder.blocks)
    const server = await startHost({ specId: spec.id })
    const mempool = new Mempool({ chain, verifier: inlineVerifier, clock: lateClock })
    const modules = { chain, mempool, penalise: () => undefined, clock: systemClock, log: silentLog }
    await answerPeers(server, modules, {})
    const { connection } = await connectHosts(await startHost({ specId: spec.id, listen: [] }), server)
    const range = { startHeight: 1, stopHeight: 1, stop: hashAt(1) }
    await expect(requestFilterHeaders(connection, spec.id, range)).rejects.toMatchObject({
      code: 'peer-speaks-other-protocol',
    })
    const proof = { block: hashAt(1), txids: [], coinbase: true, transactions: false }
    expect(await requestProof(connection, spec.id, proof)).toMatchObject({ proven: [{ index: 0 }] })
  })
})

describe('filters', () => {
  it('come block by block, and match what the blocks pay and spend', async () => {
    const pair = await startLightPair(builder.blocks)
    const wanted = await wantedOf(pair, 0, HEIGHT)
    const found = await collect(requestFilters(pair.connection, spec.id, 0, wanted))
    expect(found.map((reply) => (reply as FoundFilter).block)).toEqual(wanted.map(({ block }) => block))
    const matches = found.flatMap((reply, height) => {
      const { filter, block } = reply as FoundFilter
      return matchFilter(filter, block as never, [testKey('payee').script]) ? [height] : []
    })
    expect(matches).toEqual([HEIGHT - 1])
  })

  it('are read no faster than the client takes them, and no more when it leaves', async () => {
    const pair = await startLightPair(builder.blocks)
    const wanted = await wantedOf(pair, 0, HEIGHT)
    pair.filters.reads = 0
    for await (const { kind } of requestFilters(pair.connection, spec.id, 0, wanted)) {
      expect(kind).toBe('filter')
      break
    }
    await expect.poll(() => pair.connection.streams.length).toBe(0)
    const again = await collect(requestFilters(pair.connection, spec.id, 0, wanted))
    expect(again).toHaveLength(HEIGHT + 1)
  })

  it('of a range that is too long are a fault', async () => {
    const long = buildChain(fieldLimits.filters + 2)
    const pair = await startLightPair(long.blocks)
    const stop = long.tip.hash
    const stream = await pair.connection.newStream(protocolId(spec.id, 'filters/1'))
    const request = encodeFilterRequest({ kind: 'filters', startHeight: 1, stop })
    stream.send(Uint8Array.of(request.length, ...request))
    await expect.poll(() => pair.faults).toEqual(['request-invalid'])
    const range = { startHeight: 0, stopHeight: long.height, stop }
    expect(await requestFilterHeaders(pair.connection, spec.id, range)).toMatchObject({ kind: 'headers' })
  })

  it('end where a reorganisation takes the blocks away', async () => {
    const pair = await startLightPair(builder.blocks)
    const wanted = await wantedOf(pair, 0, HEIGHT)
    const { find } = pair.filters
    // The chain moves to another branch while the filter of height 20 is read.
    pair.filters.find = function (block) {
      if (pair.filters.reads > 0 && 'height' in block && block.height === 20)
        void pair.chain.invalidate(fork())
      return find.call(this, block)
    }
    const fork = () => pair.chain.at(5) as NonNullable<ReturnType<typeof pair.chain.at>>
    const replies = await collect(requestFilters(pair.connection, spec.id, 0, wanted))
    expect(replies.length).toBeGreaterThan(20)
    const kinds = new Set(replies.slice(0, -1).map(({ kind }) => kind))
    expect([...kinds]).toEqual(['filter'])
    expect(replies.at(-1)).toEqual({ kind: 'not-found', hash: hashAt(HEIGHT) })
  })
})

describe('proofs', () => {
  const block = HEIGHT - 1

  it('show that transactions are in a block, with the transactions', async () => {
    const pair = await startLightPair(builder.blocks)
    const { transactions } = builder.blocks[block - 1] as { transactions: readonly Transaction[] }
    const ids = txids(transactions)
    const wanted = [ids[3], ids[1], new Uint8Array(32)] as Uint8Array[]
    const request = { block: hashAt(block), txids: wanted, coinbase: true, transactions: true }
    const answer = await requestProof(pair.connection, spec.id, request)
    expect(answer?.proven).toEqual([0, 1, 3].map((index) => ({ index, txid: ids[index] })))
    expect(answer?.transactions.map(encodeTransaction)).toEqual(
      [0, 1, 3].map((index) => encodeTransaction(transactions[index] as Transaction)),
    )
    const bare = await requestProof(pair.connection, spec.id, { ...request, transactions: false })
    expect(bare).toEqual({ ...answer, transactions: [] })
  })

  it('of no transaction prove nothing', async () => {
    const pair = await startLightPair(builder.blocks)
    const request = { block: hashAt(block), txids: [ZERO_HASH], coinbase: false, transactions: true }
    const answer = await requestProof(pair.connection, spec.id, request)
    expect(answer).toMatchObject({ proven: [], transactions: [] })
  })

  it('of a block that is not there are none', async () => {
    const pair = await startLightPair(builder.blocks)
    const request = { block: ZERO_HASH, txids: [ZERO_HASH], coinbase: false, transactions: false }
    expect(await requestProof(pair.connection, spec.id, request)).toBeUndefined()
  })

  it('of the coinbase at the tip vouch for all filter headers before', async () => {
    const pair = await startLightPair(builder.blocks)
    const request = { block: hashAt(HEIGHT), txids: [], coinbase: true, transactions: true }
    const answer = (await requestProof(pair.connection, spec.id, request)) as BlockProof
    const [coinbase] = answer.transactions as [Transaction]
    expect(answer.proven).toEqual([{ index: 0, txid: txid(coinbase) }])
    const committed = findProvenFilterCommitment(answer.merkleBlock, coinbase)
    const { previous, hashes } = (await headersOf(pair, 0, HEIGHT - 1)) as FilterHeaders
    expect(chainFilterHeaders(previous, hashes).at(-1)).toEqual(committed)
  })
})
