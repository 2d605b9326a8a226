/**
 * What a chain manager tells its subscribers, in the order in which it happened.
 */
import type { RuleError } from '../consensus/index.ts'
import type { Block } from '../primitives/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { BlockUndo } from './undo.ts'

/**
 * What happened to the active chain, told in the order in which it happened and after it was committed. Blocks that became
 * durable together are told one by one, each as the tip; the coins are those after the last of them by then.
 */
export type ChainEvent =
  /**
   * A block that follows the one before it keeps the rules that need no coins, and is about to be connected: nothing has
   * changed yet, and it may still turn out to be invalid.
   */
  | { readonly type: 'block-checked'; readonly node: BlockNode; readonly block: Block }
  /** A block was added to the active chain; it is on disk. */
  | {
      readonly type: 'block-connected'
      readonly node: BlockNode
      readonly block: Block
      readonly undo: BlockUndo
    }
  /** The last block of the active chain was taken away. */
  | {
      readonly type: 'block-disconnected'
      readonly node: BlockNode
      readonly block: Block
      readonly undo: BlockUndo
    }
  /** All changes of one step are done. The tip is the one before when a better branch turned out invalid. */
  | { readonly type: 'tip-changed'; readonly tip: BlockNode }
  /** The header chain with the most work is another one: a better one has come, or the best one has failed. */
  | { readonly type: 'best-header-changed'; readonly header: BlockNode }
  /** A block turned out to break the rules. */
  | { readonly type: 'block-invalid'; readonly node: BlockNode; readonly error: RuleError }

/** Called during the change: must not wait. What it throws is a bug, and becomes a rejection that nobody handles. */
export type ChainListener = (event: ChainEvent) => void
