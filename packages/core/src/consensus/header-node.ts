/**
 * What the rules need to know of the chain that a header builds on.
 */
import type { BlockHash, BlockHeader } from '../primitives/index.ts'
import type { Height } from '../units/index.ts'

/** A header in its place in the tree of headers. */
export interface HeaderNode {
  readonly hash: BlockHash
  readonly header: BlockHeader
  readonly height: Height
  /** The node before; `undefined` for the genesis block. */
  readonly parent: HeaderNode | undefined
  /** The node at `height` (0 to its own) on the way back to the genesis block. */
  ancestor(height: Height): HeaderNode
}
