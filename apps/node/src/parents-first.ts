/**
 * Putting blocks into an order in which each comes after the one that it builds on, by their hashes alone: nothing else that a
 * file says of a block can be trusted.
 *
 * Source: docs/protocol/storage.md#rebuilding
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'

/** What an order needs to know of a block. */
interface Link {
  readonly hash: BlockHash
  readonly parent: BlockHash
}

/** Blocks in an order. */
export interface Lineage<Block extends Link> {
  /** All that build on the first one, directly or not: lower ones first, those of the same hash one after the other. */
  readonly ordered: readonly Block[]
  /** Those with a gap between them and the first one. */
  readonly detached: readonly Block[]
}

/** Orders blocks. @param first - hash of the block that all build on; blocks with that hash are left out of both lists */
export function parentsFirst<Block extends Link>(blocks: readonly Block[], first: BlockHash): Lineage<Block> {
  const children = Map.groupBy(blocks, ({ parent }) => bytesKey(parent))
  const firstKey = bytesKey(first)
  const ordered: Block[] = []
  const take = (parent: string): void => {
    for (const child of children.get(parent) ?? []) if (bytesKey(child.hash) !== firstKey) ordered.push(child)
    children.delete(parent)
  }
  take(firstKey)
  // It grows meanwhile.
  for (const { hash } of ordered) take(bytesKey(hash))
  const detached = [...children.values()].flat().filter(({ hash }) => bytesKey(hash) !== firstKey)
  return { ordered, detached }
}
