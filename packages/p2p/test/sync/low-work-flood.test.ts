import { ChainManager, MAX_HEADERS, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { type BlockHeader, blockHash, encodeHeader } from '@chain/core/primitives'
import { ChainBuilder, solve } from '@chain/core/testing'
import { type BlockReply, type GetHeaders, type Headers, serviceFlags } from '@chain/wire'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { RequestOptions } from '../../src/streams/exchange.ts'
import type { SyncPeer } from '../../src/sync/sync-peer.ts'
import { SyncPlanner, syncPlannerLimits } from '../../src/sync/sync-planner.ts'
import { Syncer } from '../../src/sync/syncer.ts'
import { lateClock, PenaltyBook, silentLog } from '../nodes.ts'

const LIARS = 5
/** Batches that each liar shows: more headers than a presynchronisation remembers. */
const BATCHES = 3
const { spec } = ChainBuilder.create()

/** Headers with valid proof of work that follow each other for ever, made when they are asked for. */
function* endlessHeaders(extra: number): Generator<BlockHeader> {
  const block = ChainBuilder.create().mine({ extraNonce: extra })
  let { header } = block
  for (;;) {
    yield header
    header = solve({
      ...block,
      header: { ...header, parent: blockHash(header), time: header.time + 1 },
    }).header
  }
}

/** Shows batch after batch, until it was asked for enough of them. */
class Liar implements SyncPeer {
  readonly id: string
  batches = 0
  isAsked = false
  readonly #headers: Generator<BlockHeader>
  readonly #onAsked: () => void

  constructor(number: number, onAsked: () => void) {
    this.id = `liar ${number}`
    this.#headers = endlessHeaders(number)
    this.#onAsked = onAsked
  }

  async requestHeaders(_request: GetHeaders, { signal }: RequestOptions): Promise<Headers> {
    signal?.throwIfAborted()
    this.isAsked = true
    signal?.addEventListener('abort', () => {
      this.isAsked = false
    })
    this.batches += 1
    this.#onAsked()
    if (this.batches > BATCHES) await new Promise((_, reject) => signal?.addEventListener('abort', reject))
    // Others have their turn between two batches, as they do where these come over a line.
    await new Promise((resolve) => setImmediate(resolve))
    const next = (): Uint8Array => encodeHeader(this.#headers.next().value as BlockHeader)
    return { headers: Array.from({ length: MAX_HEADERS }, next) }
  }

  // biome-ignore lint/correctness/useYield: nobody asks for blocks of headers that were not kept.
  async *requestBlocks(): AsyncGenerator<BlockReply> {
    throw new Error('No block is wanted of a chain with little work.')
  }
}

it('endless headers of low work are followed of a few peers at a time, and none is kept', async () => {
  const store = new MemoryChainStore()
  const modules = { store, verifier: inlineVerifier, clock: lateClock }
  const chain = await ChainManager.open(spec, modules, { minimumWork: 2n ** 80n })
  // Nobody is waited for, so that as many as possible are asked at once, and nobody is asked again.
  const planner = new SyncPlanner({
    ...syncPlannerLimits,
    headersPatience: 0,
    longestHeadersPatience: 0,
    rest: 1e9,
    longestRest: 1e9,
  })
  const { penalise, entries } = new PenaltyBook()
  const syncer = new Syncer({ chain, penalise, clock: systemClock, log: silentLog }, { planner })
  onTestFinished(() => syncer.stop())
  const done = Promise.withResolvers<void>()
  let most = 0
  const look = (): void => {
    most = Math.max(most, liars.filter(({ isAsked }) => isAsked).length)
    if (liars.filter(({ batches }) => batches > BATCHES).length === syncPlannerLimits.headerRequests)
      done.resolve()
  }
  const liars = Array.from({ length: LIARS }, (_, number) => new Liar(number, look))
  for (const peer of liars) {
    syncer.addPeer(peer, { work: 2n ** 90n, height: 1_000_000, services: serviceFlags.fullBlocks })
  }
  await done.promise
  expect(most).toBe(syncPlannerLimits.headerRequests)
  expect(chain.bestHeader).toBe(chain.genesis)
  expect([...store.readRecords()]).toHaveLength(1)
  expect(entries).toEqual([])
})
