import type { BlockNode } from '@chain/core/chain'
import { findProvenFilterCommitment, inlineVerifier } from '@chain/core/consensus'
import { OperationalError } from '@chain/core/errors'
import { chainFilterHeaders, computeFilterHash, matchFilter } from '@chain/core/filters'
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
import { encodeFilterRequest, type FilterReply, fieldLimits, protocolId } from '@chain/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import { AnswerPace, answerLimits } from '../../src/answers/answer-pace.ts'
import { answerPeers } from '../../src/answers/answers.ts'
import { FilterAnswers } from '../../src/answers/filter-answers.ts'
import { ProofAnswers } from '../../src/answers/proof-answers.ts'
import { StoredItems } from '../../src/answers/stored-items.ts'
import { type Clock, systemClock, type Timer } from '../../src/clock.ts'
import {
  type FilterHeaders,
  type FoundFilter,
  handleFilters,
  requestFilterHeaders,
  requestFilters,
  type WantedFilter,
} from '../../src/protocols/filters.ts'
import { type BlockProof, requestProof } from '../../src/protocols/proofs.ts'
import { connectLightHost, specId, startHost } from '../hosts.ts'
import { connectHosts } from '../loopback.ts'
import { lateClock, silentLog } from '../nodes.ts'
import { buildChain, ComputedFilters, type LightPair, openChain, spec, startLightPair } from './chains.ts'

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
      return matchFilter(filter, block, [testKey('payee').script]) ? [height] : []
    })
    expect(matches).toEqual([HEIGHT - 1])
  })

  it('are made no faster than the client takes them, and no more when it leaves', async () => {
    const { server, connection } = await connectLightHost()
    let made = 0
    const filter = new Uint8Array(fieldLimits.filterBytes)
    const wanted = Array.from({ length: fieldLimits.filters }, (_, index) => {
      return { block: new Uint8Array(32).fill(index), filterHash: computeFilterHash(filter) }
    })
    const over = new Promise((resolve) => {
      const answer = async function* (): AsyncGenerator<FilterReply> {
        for (const { block } of wanted) {
          made += 1
          yield { kind: 'filter', block, filter }
        }
      }
      handleFilters(server, specId, answer, { onFault: (_, error) => resolve(error) }).catch(resolve)
    })
    for await (const { kind } of requestFilters(connection, specId, 1, wanted)) {
      expect(kind).toBe('filter')
      await new Promise((resolve) => setImmediate(resolve))
      expect(made).toBeLessThan(50)
      break
    }
    expect(await over).toMatchObject({ code: 'peer-reset' })
    expect(made).toBeLessThan(50)
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
    const chain = await openChain(builder.blocks)
    const pace = new AnswerPace(systemClock)
    const answers = new FilterAnswers({ chain, filters: new ComputedFilters(chain), pace, log: silentLog })
    const replies = answers.answer({ kind: 'filters', startHeight: 0, stop: hashAt(HEIGHT) }, 'peer')
    for (let height = 0; height < 10; height++) {
      expect(await replies.next()).toMatchObject({ value: { kind: 'filter', block: hashAt(height) } })
    }
    await chain.invalidate(chain.at(5) as BlockNode)
    expect(await replies.next()).toMatchObject({ value: { kind: 'not-found', hash: hashAt(HEIGHT) } })
    expect(await replies.next()).toEqual({ done: true, value: undefined })
  })

  it('that are damaged are not there, which the log is told once', async () => {
    const chain = await openChain(builder.blocks)
    const warnings: object[] = []
    const filters = {
      find: (): never => {
        throw new OperationalError('store-corrupt', 'The data file is corrupt.', {})
      },
    }
    const log = { ...silentLog, warn: (data: object) => warnings.push(data) }
    const answers = new FilterAnswers({ chain, filters, pace: new AnswerPace(systemClock), log })
    for (const kind of ['headers', 'filters'] as const) {
      const replies = await collect(answers.answer({ kind, startHeight: 2, stop: hashAt(2) }, 'peer'))
      expect(replies).toEqual([{ kind: 'not-indexed', hash: hashAt(2) }])
    }
    expect(warnings).toMatchObject([{ height: 1 }, { height: 2 }])
  })
})

describe('the pace of light clients', () => {
  /** A clock that stands still until it is waited for; it tells how long that was. */
  function impatientClock(): Clock & { readonly waits: number[] } {
    const waits: number[] = []
    const setTimer = (milliseconds: number, callback: () => void): Timer => {
      waits.push(Math.round(milliseconds))
      queueMicrotask(callback)
      return { cancel: () => undefined }
    }
    return { ...systemClock, now: () => 0, setTimer, waits }
  }

  it('counts filters that are read, for headers too, and their bytes', async () => {
    const chain = await openChain(builder.blocks)
    const clock = impatientClock()
    const pace = new AnswerPace(clock)
    const answers = new FilterAnswers({ chain, filters: new ComputedFilters(chain), pace, log: silentLog })
    const ask = (kind: 'headers' | 'filters') =>
      collect(answers.answer({ kind, startHeight: 0, stop: hashAt(9) }, 'peer'))
    await ask('filters')
    expect(clock.waits).toEqual([])
    pace.charge('peer', 'filter', answerLimits.filterBurst - 10)
    await ask('headers')
    expect(clock.waits.at(-1)).toBe((10 * 1_000) / answerLimits.filtersPerSecond)
    const { length } = clock.waits
    pace.charge('peer', 'light-byte', answerLimits.lightByteBurst + answerLimits.lightBytesPerSecond)
    await ask('filters')
    expect(clock.waits.slice(length).filter((wait) => wait >= 1_000)).toHaveLength(10)
  })

  it('counts proofs, and the bytes of the blocks that are read for them', async () => {
    const chain = await openChain(builder.blocks)
    const clock = impatientClock()
    const pace = new AnswerPace(clock)
    const bodies = new StoredItems('A block', (node) => chain.readBody(node), silentLog)
    const answers = new ProofAnswers({ chain, bodies, pace })
    const request = { block: hashAt(9), txids: [], coinbase: true, transactions: true }
    pace.charge('peer', 'proof', answerLimits.proofBurst - 1)
    pace.charge('peer', 'light-byte', answerLimits.lightByteBurst - 1)
    expect(await collect(answers.answer(request, 'peer'))).toHaveLength(2)
    expect(clock.waits).toEqual([])
    await collect(answers.answer(request, 'peer'))
    expect(clock.waits).toEqual([1_000 / answerLimits.proofsPerSecond, expect.any(Number)])
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
    expect(answer?.transactions.map((transaction) => encodeTransaction(transaction))).toEqual(
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
