import { bytesKey } from '@chain/core/bytes'
import { ChainManager, MAX_HEADERS, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { blockHash, encodeHeader } from '@chain/core/primitives'
import { ChainBuilder, solve } from '@chain/core/testing'
import { type BlockReply, type GetHeaders, type Headers, serviceFlags } from '@chain/wire'
import { expect, it, onTestFinished } from 'vitest'
import type { RequestOptions } from '../../src/streams/exchange.ts'
import type { SyncPeer } from '../../src/sync/sync-peer.ts'
import { syncPlannerLimits } from '../../src/sync/sync-planner.ts'
import { Syncer } from '../../src/sync/syncer.ts'
import { lateClock, PenaltyBook, silentLog } from '../nodes.ts'
import { VirtualTime } from './virtual-time.ts'

const BATCHES = 6
/** Milliseconds that a batch takes. */
const BATCH_TIME = 1_500
const PEERS = syncPlannerLimits.headerRequests + 2

/** Encoded headers that follow each other from the genesis block on, and the place of each by its hash. */
function makeHeaders(count: number): {
  readonly headers: Uint8Array[]
  readonly places: Map<string, number>
} {
  const block = ChainBuilder.create().mine()
  let { header } = block
  const headers: Uint8Array[] = []
  const places = new Map<string, number>()
  while (headers.length < count) {
    headers.push(encodeHeader(header))
    const hash = blockHash(header)
    places.set(bytesKey(hash), headers.length)
    header = solve({ ...block, header: { ...header, parent: hash, time: header.time + 1 } }).header
  }
  return { headers, places }
}

/** Has all headers, sends each batch after a while, and sends no block. */
class Patient implements SyncPeer {
  readonly id: string
  readonly #time: VirtualTime
  readonly #chain: ReturnType<typeof makeHeaders>

  constructor(id: string, time: VirtualTime, chain: ReturnType<typeof makeHeaders>) {
    this.id = id
    this.#time = time
    this.#chain = chain
  }

  async requestHeaders({ locator }: GetHeaders, { signal }: RequestOptions): Promise<Headers> {
    await this.#time.sleep(BATCH_TIME, signal)
    const { headers, places } = this.#chain
    const start = locator.map((hash) => places.get(bytesKey(hash))).find((place) => place !== undefined) ?? 0
    return { headers: headers.slice(start, start + MAX_HEADERS) }
  }

  async *requestBlocks(
    hashes: readonly Uint8Array[],
    { signal }: RequestOptions,
  ): AsyncGenerator<BlockReply> {
    await this.#time.sleep(1e9, signal)
    for (const hash of hashes) yield { kind: 'not-found', hash }
  }
}

it('a long chain is followed to its end although each of many peers takes long for all of it', async () => {
  const headers = makeHeaders(BATCHES * MAX_HEADERS)
  const { spec } = ChainBuilder.create()
  const modules = { store: new MemoryChainStore(), verifier: inlineVerifier, clock: lateClock }
  const perHeader = 2n
  const minimumWork = perHeader * BigInt(headers.headers.length - MAX_HEADERS / 2)
  const chain = await ChainManager.open(spec, modules, { minimumWork })
  const time = new VirtualTime()
  const { penalise, entries } = new PenaltyBook()
  const syncer = new Syncer({ chain, penalise, clock: time, log: silentLog })
  onTestFinished(() => syncer.stop())
  const work = perHeader * BigInt(headers.headers.length)
  for (let index = 0; index < PEERS; index++) {
    const peer = new Patient(`peer ${index}`, time, headers)
    syncer.addPeer(peer, { work, height: headers.headers.length, services: serviceFlags.fullBlocks })
  }
  const isDone = (): boolean => chain.bestHeader.height === headers.headers.length
  const passed = await time.passUntil(chain, isDone, 300_000)
  // Once to see that there is enough work, once to keep it.
  expect(passed).toBe(2 * BATCHES * BATCH_TIME)
  expect(entries).toEqual([])
})
