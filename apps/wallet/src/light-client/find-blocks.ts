/**
 * Which blocks may concern the wallet: all of them, until peers serve filters by which most can be left out.
 */
import type { BlockNode } from '@chain/core/chain'

/**
 * The blocks after `from` up to `to`, lowest first, that must be looked at.
 *
 * @param from - an ancestor of `to`
 */
export async function* findBlocks(from: BlockNode, to: BlockNode): AsyncGenerator<BlockNode, void, void> {
  for (let height = from.height + 1; height <= to.height; height++) yield to.ancestor(height)
}
