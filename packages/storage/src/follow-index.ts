/**
 * Keeps an index in step with the chain: brings it up to the tip from wherever it is, in the background, and follows the
 * chain from then on.
 *
 * An index that was never on, or whose cursor the chain does not know, begins anew. One that was off for a while goes on at
 * its cursor. The event loop is given back after every few milliseconds of work; rows are written in groups while there is
 * much to do, and block by block at the tip. Whenever the process ends, the index is as its cursor says, and goes on there.
 *
 * Source: docs/protocol/storage.md#indexes
 */
import { setImmediate } from 'node:timers/promises'
import { equalBytes } from '@chain/core/bytes'
import { type BlockRef, ChainFollower, type ChainManager, type FollowedStep } from '@chain/core/chain'
import { OperationalError } from '@chain/core/errors'
import type { Block } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import type { RowWrite } from './environment.ts'

/** Rows that are written at a time at most, and those of one block. */
const GROUP_ROWS = 50_000
/** Bytes of their values. */
const GROUP_BYTES = 4 << 20
/** Milliseconds of work after which others get their turn. */
const TURN = 10

/** What makes rows of the steps of a chain and keeps them together with a cursor. */
export interface FollowedIndex {
  /** What messages call it. */
  readonly title: string
  /** The last block that it has dealt with; `undefined` before it began. @throws {OperationalError} `store-*` */
  readCursor(): BlockRef | undefined
  /** Forgets everything and begins with the genesis block. @throws {OperationalError} `store-*` */
  begin(genesis: BlockRef, block: Block): Promise<void>
  /** What changes with a step that follows those before it, written or not. */
  rowsOf(step: FollowedStep): RowWrite[]
  /** Writes the rows of some steps and the cursor after the last of them. @throws {OperationalError} `store-*` */
  commit(rows: readonly RowWrite[], cursor: BlockRef): Promise<void>
}

/** What a caller may want of {@link followIndex}. */
export interface FollowIndexOptions {
  /** Ends it; what is not written by then is made anew when the index is followed again. */
  readonly signal?: AbortSignal
  /** Rows that are written at a time at most, and those of one block; 50,000 unless given. */
  readonly groupRows?: number
  /** Called whenever rows have been written: with the height of the index. */
  readonly onProgress?: (height: Height) => void
  /** Told, in one sentence, when the index begins anew although it was there. */
  readonly report?: (sentence: string) => void
}

/** An index that is being followed. */
export interface IndexFollowing {
  /** Height of the last block that the index has dealt with. */
  readonly height: Height
  /** Whether that is the last block of the chain. */
  readonly isSynced: boolean
  /**
   * Resolves when the signal has ended it. Rejects when the index cannot go on: with `block-missing` when a block that it
   * needs was pruned, or `store-*`; the chain itself is not affected.
   */
  readonly done: Promise<void>
}

/** Keeps an index in step with a chain until the signal ends it. One at a time for each index. */
export function followIndex(
  index: FollowedIndex,
  chain: ChainManager,
  options: FollowIndexOptions = {},
): IndexFollowing {
  let cursor: BlockRef = index.readCursor() ?? chain.genesis
  const onCursor = (next: BlockRef): void => {
    cursor = next
    options.onProgress?.(next.height)
  }
  const done = follow(index, chain, options, onCursor)
  return {
    get height() {
      return cursor.height
    },
    get isSynced() {
      return equalBytes(cursor.hash, chain.tip.hash)
    },
    done,
  }
}

async function follow(
  index: FollowedIndex,
  chain: ChainManager,
  options: FollowIndexOptions,
  onCursor: (cursor: BlockRef) => void,
): Promise<void> {
  const follower = await openFollower(index, chain, options)
  const end = (): void => void follower.return()
  options.signal?.addEventListener('abort', end, { once: true })
  try {
    if (options.signal?.aborted !== true)
      await followSteps(index, chain, follower, options.groupRows ?? GROUP_ROWS, onCursor)
  } finally {
    options.signal?.removeEventListener('abort', end)
    end()
  }
}

/** A follower that begins where the index stands. */
async function openFollower(
  index: FollowedIndex,
  chain: ChainManager,
  { report }: FollowIndexOptions,
): Promise<ChainFollower> {
  const cursor = index.readCursor()
  try {
    if (cursor !== undefined) return new ChainFollower(chain, cursor.hash)
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'cursor-unknown') throw error
    report?.(`The ${index.title} does not belong to this chain and is made anew.`)
  }
  await index.begin(chain.genesis, chain.spec.consensus.genesis)
  return new ChainFollower(chain)
}

async function followSteps(
  index: FollowedIndex,
  chain: ChainManager,
  follower: ChainFollower,
  groupRows: number,
  onCursor: (cursor: BlockRef) => void,
): Promise<void> {
  let rows: RowWrite[] = []
  let bytes = 0
  let cursor: BlockRef | undefined
  let turn = performance.now()
  for (;;) {
    const isAtTip = cursor !== undefined && equalBytes(cursor.hash, chain.tip.hash)
    if (cursor !== undefined && (isAtTip || rows.length >= groupRows || bytes >= GROUP_BYTES)) {
      await index.commit(rows, cursor)
      onCursor(cursor)
      rows = []
      bytes = 0
      cursor = undefined
    }
    const { value: step } = await follower.next()
    if (step === undefined) return
    for (const row of index.rowsOf(step)) {
      rows.push(row)
      bytes += row.value?.length ?? 0
    }
    cursor = step.type === 'connect' ? step.node : step.node.parent
    if (performance.now() - turn < TURN) continue
    await setImmediate()
    turn = performance.now()
  }
}
