/**
 * Keeps blocks and undo data within the room that `--prune` gives them, by taking the oldest blocks away.
 *
 * It looks after the tip has moved, which costs two counts that LMDB keeps, and takes away so much at once that it has
 * nothing to do for a while: blocks are not taken in meanwhile. The last blocks that a reorganisation may need always stay,
 * and so do those that an index has not dealt with. The data file does not shrink: LMDB uses the room again.
 *
 * Source: Bitcoin Core, `-prune`; docs/protocol/storage.md#pruning
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ChainManager, MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { ChainError } from '@chain/core/errors'
import type { Height } from '@chain/core/units'
import type { Logger } from './logger.ts'
import { lowestKept } from './pruned-blocks.ts'

/** What `--prune` says. */
export interface PruneMode {
  /** Bytes for blocks and undo data; `undefined` to prune by hand only. */
  readonly target?: number
}

/** What a pruner works with. */
export interface PrunerModules {
  readonly chain: ChainManager
  /** Bytes that blocks and undo data take. */
  readonly usedBytes: () => number
  /** The highest block that nobody else needs any more. */
  readonly freeUpTo: () => Height
  readonly log: Logger
  /** Told why nothing can be pruned any more. */
  readonly onFailed: (reason: ChainError) => void
}

/** Part of the target that is made free beyond it, so that not every block makes another one go. */
export const HEADROOM = 0.1

/** Blocks that are pruned at a time at least, unless fewer suffice: syncing pauses for each time. */
export const LEAST_BLOCKS = 64

/** Blocks that are pruned before others get their turn. */
export const MOST_BLOCKS = 1_000

/** Prunes a chain. */
export class Pruner {
  readonly mode: PruneMode
  readonly #modules: PrunerModules
  readonly #unsubscribe: () => void
  readonly #tasks = new Set<Promise<unknown>>()
  #isDue = false
  #isWorking = false
  #isClosed = false
  #hasComplained = false

  constructor(mode: PruneMode, modules: PrunerModules) {
    this.mode = mode
    this.#modules = modules
    this.#unsubscribe = modules.chain.subscribe(({ type }) => {
      if (type === 'tip-changed') this.look()
    })
    this.look()
  }

  /** Looks soon whether there is something to prune. */
  look(): void {
    if (this.mode.target === undefined || this.#isClosed) return
    this.#isDue = true
    if (!this.#isWorking) void this.#track(this.#work(this.mode.target))
  }

  /**
   * Prunes by hand up to a height, as far as that is possible; returns the height of the highest pruned block.
   *
   * @throws {OperationalError} `store-*`
   */
  async pruneUpTo(height: Height): Promise<Height> {
    await this.#track(this.#prune(Math.min(height, this.#end)))
    return lowestKept(this.#modules.chain) - 1
  }

  /** Ends it; what is under way is finished. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    await Promise.allSettled(this.#tasks)
  }

  #track<Result>(task: Promise<Result>): Promise<Result> {
    const tracked = task.finally(() => this.#tasks.delete(tracked))
    this.#tasks.add(tracked)
    return tracked
  }

  /** The highest block that may go. */
  get #end(): Height {
    const { chain, freeUpTo } = this.#modules
    return Math.min(chain.tip.height - MIN_KEPT_BLOCKS, freeUpTo())
  }

  async #work(target: number): Promise<void> {
    this.#isWorking = true
    try {
      while (this.#isDue && !this.#isClosed) {
        this.#isDue = false
        // The chain tells of its tip while it changes.
        await nextTurn()
        await this.#keepWithin(target)
      }
    } catch (error) {
      if (!(error instanceof ChainError)) throw error
      this.#isClosed = true
      this.#modules.onFailed(error)
    } finally {
      this.#isWorking = false
    }
  }

  async #keepWithin(target: number): Promise<void> {
    const { usedBytes, log } = this.#modules
    let used = usedBytes()
    if (used <= target) return
    let blocks = 0
    for (; used > target * (1 - HEADROOM); used = usedBytes()) {
      const height = this.#heightToFree(used - target * (1 - HEADROOM), used)
      const pruned = height === undefined ? 0 : await this.#prune(height)
      if (pruned === 0) break
      blocks += pruned
    }
    if (blocks > 0) {
      const lowest = lowestKept(this.#modules.chain)
      log.info({ blocks, lowest, bytes: used, target }, 'Pruned old blocks')
    }
    if (used > target) this.#complain(used, target)
  }

  /**
   * The block up to which pruning frees some bytes, by what a transaction takes on average; `undefined` while it is not
   * worth while.
   */
  #heightToFree(bytes: number, used: number): Height | undefined {
    const { chain } = this.#modules
    const start = lowestKept(chain)
    const end = this.#end
    if (end < start) return undefined
    let all = 0
    for (let height = start; height <= chain.tip.height; height++) all += weightAt(chain, height)
    let wanted = (bytes / used) * all
    let height = start
    for (; height < end; height++) {
      wanted -= weightAt(chain, height)
      if (wanted <= 0) break
    }
    return wanted > 0 && end - start + 1 < LEAST_BLOCKS ? undefined : height
  }

  /** Prunes up to a height, or until the end has come; returns how many blocks. */
  async #prune(height: Height): Promise<number> {
    const { chain } = this.#modules
    let blocks = 0
    for (let start = lowestKept(chain); start <= height && !this.#isClosed; start = lowestKept(chain)) {
      const pruned = await chain.prune(Math.min(height, start + MOST_BLOCKS - 1))
      if (pruned === 0) break
      blocks += pruned
      await nextTurn()
    }
    return blocks
  }

  /** Says once that the target is too small for the blocks that have to stay. */
  #complain(bytes: number, target: number): void {
    const { chain, log } = this.#modules
    const end = chain.tip.height - MIN_KEPT_BLOCKS
    if (this.#hasComplained || this.#end < end || lowestKept(chain) + LEAST_BLOCKS <= end) return
    this.#hasComplained = true
    const blocks = MIN_KEPT_BLOCKS
    log.warn({ blocks, bytes, target }, 'The blocks that always stay take more than --prune allows')
  }
}

/** What a block takes, in units of a transaction: each has a header and a coinbase, too. */
function weightAt(chain: ChainManager, height: Height): number {
  return 1 + (chain.at(height)?.transactionCount ?? 0)
}
