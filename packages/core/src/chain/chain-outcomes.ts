/**
 * What became of headers and blocks that were handed to a chain manager.
 */
import type { RuleError } from '../consensus/index.ts'
import type { BlockHash } from '../primitives/index.ts'
import type { Work } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'

/** The end of a branch, as `getchaintips` names them. */
export interface ChainTip {
  readonly node: BlockNode
  readonly status: 'active' | 'valid-fork' | 'valid-headers' | 'headers-only' | 'invalid'
}

/** What became of headers that were handed in. */
export type HeadersOutcome =
  /** All follow the rules. `last` is the node of the last one, `added` how many were new. */
  | { readonly status: 'accepted'; readonly last: BlockNode; readonly added: number }
  /** The first header builds on a block that is not known. */
  | { readonly status: 'missing-parent'; readonly parent: BlockHash }
  /** The chain that they claim has too little work to be kept; `start` is the known block that they build on. */
  | {
      readonly status: 'low-work'
      readonly work: Work
      readonly required: Work
      readonly start: BlockNode
    }
  /** A header breaks a rule; those before it were kept. */
  | { readonly status: 'invalid'; readonly error: RuleError; readonly hash: BlockHash }

/** What became of a block that was handed in. */
export type BlockOutcome =
  /** It is part of the active chain now. */
  | { readonly status: 'connected'; readonly node: BlockNode }
  /** It is kept; the active chain has at least as much work. */
  | { readonly status: 'side-chain'; readonly node: BlockNode }
  /** It is kept until the bodies before it arrive. */
  | { readonly status: 'waiting'; readonly node: BlockNode }
  /** It was known before. */
  | { readonly status: 'duplicate'; readonly node: BlockNode }
  /** It builds on a block that is not known. */
  | { readonly status: 'missing-parent'; readonly parent: BlockHash }
  /** It breaks a rule. */
  | { readonly status: 'invalid'; readonly error: RuleError; readonly hash: BlockHash }
