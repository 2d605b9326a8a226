/**
 * Which bodies are missing to follow a header chain.
 *
 * Not for whom to ask for them.
 *
 * Source: docs/protocol/sync.md#blocks
 */
import type { Height } from '../units/index.ts'
import type { ActiveChain } from './active-chain.ts'
import { type BlockNode, forkPoint } from './block-tree.ts'

/**
 * Nodes of the header chain up to `bestHeader`, lowest first, whose bodies are still missing; at most `limit`. None where it
 * cannot be followed, because it leaves the active chain where blocks were pruned.
 */
export function missingBodies(active: ActiveChain, bestHeader: BlockNode, limit: number): BlockNode[] {
  const missing: BlockNode[] = []
  const fork = forkPoint(bestHeader, active.tip)
  // Pruning goes from the lowest block up.
  if (active.at(fork.height + 1)?.hasBody === false) return missing
  let height = firstUnlinked(fork, bestHeader)
  for (; height <= bestHeader.height && missing.length < limit; height++) {
    const node = bestHeader.ancestor(height)
    if (!node.hasBody) missing.push(node)
  }
  return missing
}

/** The lowest height of the header chain up to which not all bodies are there: a node is linked when its parent is. */
function firstUnlinked(fork: BlockNode, bestHeader: BlockNode): Height {
  let linked = fork.height
  let unlinked = bestHeader.height + 1
  while (unlinked - linked > 1) {
    const middle = Math.floor((linked + unlinked) / 2)
    if (bestHeader.ancestor(middle).linked) linked = middle
    else unlinked = middle
  }
  return unlinked
}
