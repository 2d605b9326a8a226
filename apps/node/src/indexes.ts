/**
 * The indexes of a node: brought up to the tip in the background, and kept there.
 *
 * Not for what is in them, nor for how they follow the chain (`@chain/storage`). One that is not switched on keeps what it
 * has, and goes on from there when it is.
 *
 * Source: Bitcoin Core, `-txindex`, `-blockfilterindex`, `getindexinfo`; docs/protocol/storage.md#indexes
 */
import { type ChainManager, forkPoint } from '@chain/core/chain'
import { ChainError } from '@chain/core/errors'
import type { Height } from '@chain/core/units'
import {
  type DataStore,
  type FilterIndex,
  followIndex,
  type IndexFollowing,
  type TransactionIndex,
} from '@chain/storage'
import { indexNeedsPrunedBlocks } from './errors.ts'
import type { Logger } from './logger.ts'
import { lowestKept } from './pruned-blocks.ts'

/** Which indexes a node keeps. */
export interface IndexSelection {
  /** `--txindex`. */
  readonly transactions: boolean
  /** `--filterindex`; `if-possible`: where no block that it needs was pruned. */
  readonly filters: boolean | 'if-possible'
}

/** How far an index is. */
export interface IndexStatus {
  /** Bitcoin Core's. */
  readonly name: 'txindex' | 'basic block filter index'
  /** Height of the last block that it has dealt with. */
  readonly height: Height
  /** Whether that is the last block of the chain. */
  readonly synced: boolean
}

/** What indexes work with. */
export interface IndexModules {
  readonly store: Pick<DataStore, 'transactionIndex' | 'filterIndex'>
  readonly chain: ChainManager
  readonly log: Logger
  /** Told whenever an index has come further. */
  readonly onProgress: () => void
  /** Told why an index cannot go on. */
  readonly onFailed: (reason: ChainError) => void
}

/** An index, with its names. */
interface IndexEntry {
  readonly name: IndexStatus['name']
  readonly title: string
  readonly option: string
  readonly index: TransactionIndex | FilterIndex
}

interface FollowedEntry extends IndexEntry {
  readonly following: IndexFollowing
}

/** Milliseconds between two lines about progress. */
const LOG_INTERVAL = 10_000

/** The indexes of a node that runs. */
export class Indexes {
  readonly #modules: IndexModules
  readonly #end = new AbortController()
  readonly #entries: readonly FollowedEntry[]
  /** `undefined` when it is not switched on. */
  readonly transactions: TransactionIndex | undefined
  /** `undefined` when it is not switched on. */
  readonly filters: FilterIndex | undefined

  /**
   * Begins to follow the chain.
   *
   * @throws {OperationalError} `index-needs-pruned-blocks`, `store-*`
   */
  constructor(selection: IndexSelection, modules: IndexModules) {
    const { transactionIndex } = modules.store
    this.#modules = modules
    this.transactions = selection.transactions ? transactionIndex : undefined
    this.filters = selectFilters(selection, modules)
    const entries = [...entriesOf(this.transactions, this.filters)]
    for (const entry of entries) expectBlocks(entry, modules.chain)
    this.#entries = entries.map((entry) => this.#follow(entry))
  }

  /** How far each is. */
  status(): IndexStatus[] {
    return this.#entries.map(({ name, following: { height, isSynced: synced } }) => ({
      name,
      height,
      synced,
    }))
  }

  /** The highest block that no index needs any more. @throws {OperationalError} `store-*` */
  freeUpTo(): Height {
    const { chain } = this.#modules
    return Math.min(Number.POSITIVE_INFINITY, ...this.#entries.map(({ index }) => startOf(index, chain)))
  }

  /** Ends it; what an index has not stored by then it makes anew when it goes on. */
  async close(): Promise<void> {
    this.#end.abort()
    await Promise.allSettled(this.#entries.map(({ following }) => following.done))
  }

  #follow(entry: IndexEntry): FollowedEntry {
    const { chain, log, onProgress } = this.#modules
    const progress = new IndexProgress(entry, this.#modules)
    const following = followIndex(entry.index, chain, {
      signal: this.#end.signal,
      report: (sentence) => log.warn(sentence),
      onProgress: (height) => {
        progress.tell(height)
        onProgress()
      },
    })
    following.done.catch((error: unknown) => this.#fail(entry, error))
    return { ...entry, following }
  }

  /** @throws `error` when it is a bug */
  #fail({ title, option }: IndexEntry, error: unknown): void {
    if (!(error instanceof ChainError)) throw error
    const { chain, onFailed } = this.#modules
    const isPruned = error.code === 'block-missing'
    onFailed(isPruned ? indexNeedsPrunedBlocks(title, option, lowestKept(chain)) : error)
  }
}

/** Filters that nobody asked for are left out rather than that the node does not start. */
function selectFilters(
  { filters }: IndexSelection,
  { store: { filterIndex }, chain, log }: IndexModules,
): FilterIndex | undefined {
  if (filters === false) return undefined
  if (filters === true || hasBlocks(filterIndex, chain)) return filterIndex
  log.info('Block filters are not kept for light clients: blocks that are needed to make them were pruned')
  return undefined
}

function* entriesOf(
  transactions: TransactionIndex | undefined,
  filters: FilterIndex | undefined,
): Generator<IndexEntry> {
  if (transactions !== undefined)
    yield { name: 'txindex', title: 'transaction index', option: '--txindex', index: transactions }
  if (filters !== undefined)
    yield {
      name: 'basic block filter index',
      title: 'filter index',
      option: '--filterindex',
      index: filters,
    }
}

/** @throws {OperationalError} `index-needs-pruned-blocks` */
function expectBlocks({ title, option, index }: IndexEntry, chain: ChainManager): void {
  if (!hasBlocks(index, chain)) throw indexNeedsPrunedBlocks(title, option, lowestKept(chain))
}

/** Whether no block that the index has yet to deal with was pruned. */
function hasBlocks(index: TransactionIndex | FilterIndex, chain: ChainManager): boolean {
  return startOf(index, chain) + 1 >= lowestKept(chain)
}

/** Height of the block of the active chain from which an index goes forward; 0 when it begins anew. */
function startOf(index: TransactionIndex | FilterIndex, chain: ChainManager): Height {
  const cursor = index.readCursor()
  const node = cursor === undefined ? undefined : chain.find(cursor.hash)
  return node === undefined || node.validity === 'header' ? 0 : forkPoint(node, chain.tip).height
}

/** Tells the log how an index that is behind comes up to the tip, until it has come there once. */
class IndexProgress {
  readonly #title: string
  readonly #modules: IndexModules
  #last: { readonly time: number; readonly height: Height }
  #isDone: boolean

  constructor({ title, index }: IndexEntry, modules: IndexModules) {
    const { chain } = modules
    const height = startOf(index, chain)
    this.#title = title
    this.#modules = modules
    this.#last = { time: performance.now(), height }
    this.#isDone = height === chain.tip.height
  }

  tell(height: Height): void {
    if (this.#isDone) return
    const { chain, log } = this.#modules
    const of = chain.tip.height
    const time = performance.now()
    this.#isDone = height === of
    if (this.#isDone) {
      log.info({ height }, `The ${this.#title} is complete`)
    } else if (time - this.#last.time >= LOG_INTERVAL) {
      const rate = ((height - this.#last.height) * 1_000) / (time - this.#last.time)
      const blocksPerSecond = Number(rate.toPrecision(3))
      log.info({ height, of, blocksPerSecond }, `The ${this.#title} is being built`)
      this.#last = { time, height }
    }
  }
}
