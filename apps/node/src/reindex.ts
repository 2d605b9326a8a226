/**
 * Making a chain anew from the blocks that a data directory holds.
 *
 * Source: docs/protocol/storage.md#rebuilding
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { equalBytes } from '@chain/core/bytes'
import {
  type BlockNode,
  type BlockOutcome,
  type BlockRef,
  type ChainEvent,
  ChainManager,
  type ChainStore,
} from '@chain/core/chain'
import { type ChainSpec, isWorkSufficient, type SignatureVerifier } from '@chain/core/consensus'
import { ChainError } from '@chain/core/errors'
import { blockHash, decodeBlock, decodeHeader, formatHash, HEADER_LENGTH } from '@chain/core/primitives'
import { type FoundBlock, openStore, rebuildStore, type StoreRebuild } from '@chain/storage'
import { BlocksInFlight } from './block-file/blocks-in-flight.ts'
import { systemClock } from './clock.ts'
import { bodyLost, bodyUnreadable, chainNotReindexable } from './errors.ts'
import { parentsFirst } from './parents-first.ts'

/** What a reindex works with. */
export interface ReindexOptions {
  readonly spec: ChainSpec
  readonly dataDir: string
  readonly verifier: SignatureVerifier
  /** Bytes of memory for cached coins; what the store thinks best unless told otherwise. */
  readonly cacheSize?: number
  /** Told in one sentence what people should know. */
  readonly report: (sentence: string) => void
  /** Told after each step of `all`: a block that was read, or connected. */
  readonly onProgress: (done: number, all: number) => void
  /** Ends a full reindex early: the old data file stays. */
  readonly signal?: AbortSignal
}

/** What a reindex made. */
export interface Reindexed {
  /** The last block of the chain. */
  readonly height: number
  readonly tip: string
  /** Blocks that were connected. */
  readonly blocks: number
  readonly transactions: number
  /** Blocks that were found and cannot be judged: one before them is missing, or they are of the future. Invalid ones do not count. */
  readonly leftOut: number
  /** Where the old data file was kept, since it has the blocks that were left out; `undefined` when there are none. */
  readonly oldFile: string | undefined
}

/**
 * Makes the data file anew from the blocks in the old one, however damaged that is, judging each block as if it were new.
 * The old one is kept when it has blocks that are left out though nothing is known against them.
 *
 * @throws {OperationalError} `chain-not-reindexable` when the blocks do not begin with the first one, `store-old-file-exists`
 *   when one is kept already, `store-*`; the old file stays as it is
 */
export async function reindexBlocks(options: ReindexOptions): Promise<Reindexed | undefined> {
  const { spec, dataDir, report, cacheSize, signal } = options
  const sizes = cacheSize === undefined ? {} : { cacheSize }
  const rebuild = await rebuildStore({ directory: dataDir, specId: spec.id, report, ...sizes })
  try {
    const reindexed = await connectBlocks(rebuild, options)
    if (signal?.aborted !== true) {
      await rebuild.finish(reindexed.leftOut > 0)
      return reindexed
    }
  } catch (error) {
    // The first error says why, whatever becomes of the rest.
    const rethrow = (): never => {
      throw error
    }
    return await rebuild.abandon().then(rethrow, rethrow)
  }
  await rebuild.abandon()
  return undefined
}

async function connectBlocks(rebuild: StoreRebuild, options: ReindexOptions): Promise<Reindexed> {
  const { spec, verifier, onProgress, signal } = options
  const { store } = rebuild
  const counter = new ConnectCounter()
  const modules = { store: store.chainStore, verifier, clock: systemClock }
  const chain = await ChainManager.open(spec, modules, { listener: counter.count })
  const { ordered, detached } = parentsFirst(rebuild.blocks, blockHash(spec.consensus.genesis.header))
  const inFlight = new BlocksInFlight()
  let leftOut = 0
  let done = 0
  const connect = async (bytes: Uint8Array | undefined): Promise<void> => {
    if (bytes === undefined || isUnjudged(await chain.acceptBlock(decodeBlock(bytes)))) leftOut += 1
    done += 1
    onProgress(done, ordered.length)
  }
  try {
    for (const found of ordered) {
      await inFlight.hasRoom(found.length)
      if (signal?.aborted === true) break
      inFlight.add(found.hash, found.length, connect(rebuild.readBlock(found)))
    }
  } finally {
    await inFlight.settle()
    await chain.settled()
  }
  for (const found of detached) if (hasWork(rebuild, found, spec)) leftOut += 1
  const isEmpty = signal?.aborted !== true && chain.tip.height === 0
  if (isEmpty && (ordered.length > 0 || leftOut > 0)) throw chainNotReindexable(1)
  const oldFile = leftOut > 0 ? rebuild.oldFile : undefined
  return { ...tipOf(chain), ...counter.counts, leftOut, oldFile }
}

/** Whether somebody has worked for a block: anybody can put others into the data of a block, so that they are found in it. */
function hasWork(rebuild: StoreRebuild, found: FoundBlock, { consensus }: ChainSpec): boolean {
  const bytes = rebuild.readBlock(found)
  if (bytes === undefined) return true
  const { bits } = decodeHeader(bytes.subarray(0, HEADER_LENGTH))
  return isWorkSufficient(found.hash, bits, consensus.powLimit)
}

/** Whether a block is not in the store though nothing is known against it: one of the future may become valid. */
function isUnjudged(outcome: BlockOutcome): boolean {
  if (outcome.status === 'invalid') return outcome.error.rule.blame === 'transient'
  return outcome.status === 'missing-parent'
}

/**
 * Makes coins, undo data and heights anew from the stored blocks, in place. Signatures that were verified before are not
 * verified again. When it is interrupted, the next start of the node goes on with it.
 *
 * @throws {OperationalError} `chain-not-reindexable` when bodies were pruned, `store-inconsistent` when one cannot be read;
 *   nothing was changed then
 */
export async function reindexCoins(options: ReindexOptions): Promise<Reindexed> {
  const { spec, dataDir, report, cacheSize, verifier, onProgress } = options
  const sizes = cacheSize === undefined ? {} : { cacheSize }
  const store = await openStore({ directory: dataDir, specId: spec.id, report, ...sizes })
  try {
    const all = await checkBodies(store.chainStore, onProgress)
    await store.chainStore.dropState()
    const counter = new ConnectCounter((blocks) => onProgress(all + blocks, 2 * all))
    const modules = { store: store.chainStore, verifier, clock: systemClock }
    const chain = await ChainManager.open(spec, modules, { listener: counter.count })
    return { ...tipOf(chain), ...counter.counts, leftOut: 0, oldFile: undefined }
  } finally {
    await store.close()
  }
}

/**
 * Reads every body, so that none turns out to be damaged when there is no state to go back to. Returns how many there are.
 *
 * @throws {OperationalError} `chain-not-reindexable` when one was pruned, `store-inconsistent` when one cannot be read
 */
async function checkBodies(store: ChainStore, onProgress: ReindexOptions['onProgress']): Promise<number> {
  let all = 0
  for (const { validity, hasBody, height } of store.readRecords()) {
    if (validity === 'connected' && !hasBody) throw chainNotReindexable(height)
    if (hasBody) all += 1
  }
  let done = 0
  for (const record of store.readRecords()) {
    if (!record.hasBody) continue
    checkBody(store, record)
    done += 1
    onProgress(done, 2 * all)
    // Signals are heard in between.
    await nextTurn()
  }
  return all
}

/** @throws {OperationalError} `store-inconsistent` when the body is not there, or is not that of the block */
function checkBody(store: ChainStore, block: BlockRef): void {
  try {
    const bytes = store.readBody(block)
    if (bytes === undefined) throw bodyLost(block.height)
    const { header } = decodeBlock(bytes)
    if (!equalBytes(blockHash(header), block.hash)) throw bodyLost(block.height)
  } catch (error) {
    if (error instanceof ChainError) throw bodyUnreadable(block.height, error)
    throw error
  }
}

function tipOf({ tip }: { readonly tip: BlockNode }): { readonly height: number; readonly tip: string } {
  return { height: tip.height, tip: formatHash(tip.hash) }
}

/** Counts the blocks that were connected, with their transactions. */
class ConnectCounter {
  readonly counts = { blocks: 0, transactions: 0 }
  readonly #onBlock: (blocks: number) => void

  constructor(onBlock: (blocks: number) => void = () => undefined) {
    this.#onBlock = onBlock
  }

  /** Listens to a chain. */
  readonly count = (event: ChainEvent): void => {
    if (event.type !== 'block-connected') return
    this.counts.blocks += 1
    this.counts.transactions += event.block.transactions.length
    this.#onBlock(this.counts.blocks)
  }
}
