/**
 * Block locators: a few hashes of a chain, dense near its end, by which another node finds where its own chain parts.
 *
 * Source: Bitcoin developer reference, "getheaders"; docs/protocol/sync.md#locator
 */
import type { BlockHash } from '../primitives/index.ts'
import type { BlockNode } from './block-tree.ts'

/** How many hashes at the end are given one by one before the steps double. */
const DENSE = 10

/** Hashes of `node` and its ancestors, newest first, the genesis block last. About `10 + log2(height)` of them. */
export function createLocator(node: BlockNode): BlockHash[] {
  const locator: BlockHash[] = []
  let height = node.height
  let step = 1
  while (height > 0) {
    locator.push(node.ancestor(height).hash)
    if (locator.length >= DENSE) step *= 2
    height -= step
  }
  locator.push(node.ancestor(0).hash)
  return locator
}
