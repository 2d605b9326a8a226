/**
 * Which bodies are missing, as sync asks for them: those of the header chain with the most work above the tip, and of its rivals,
 * that are neither here nor on their way.
 *
 * Not for whom to ask (`blocks-plan.ts`).
 *
 * Source: docs/protocol/sync.md#blocks
 */
import type { ChainPort } from '../ports.ts'
import type { BlockQueue } from './block-queue.ts'
import type { HeldBlocks } from './held-blocks.ts'
import type { RivalBlocks } from './rival-blocks.ts'
import type { WantedBlock } from './sync-events.ts'
import { syncPlannerLimits } from './sync-planner.ts'

/** Blocks that are asked for while the queue is full of others that cannot be used before them. */
const STARVING_WINDOW = 16

/** Where bodies are or come from. */
export interface Bodies {
  readonly chain: ChainPort
  readonly queue: BlockQueue
  readonly held: HeldBlocks
  readonly rivals: RivalBlocks
}

/**
 * Bodies that are to be asked for: no more than the queue has room for, unless the chain waits for the lowest ones. A window of
 * several requests ends where a whole one does, so that it moves on by whole requests and not by one block at a time.
 *
 * @param window - how many blocks it spans at the most, from the first missing one on
 */
export function missingInWindow({ chain, queue, held, rivals }: Bodies, window: number): WantedBlock[] {
  if (queue.isFull && !queue.isStarving) return []
  const missing = chain.missingBodies(window)
  const size = queue.isFull ? STARVING_WINDOW : window
  const bound = (missing[0]?.height ?? 0) + size
  const { batch } = syncPlannerLimits
  const end = size > batch ? bound - (bound % batch) : bound
  const wanted = [...missing.filter(({ height }) => height < end), ...rivals.missing()]
  return wanted.filter((node) => !queue.has(node) && !held.has(node.hash))
}
