/**
 * Which blocks of the active chain were pruned. Pruning goes from the lowest up, so that one height tells.
 *
 * Source: docs/protocol/storage.md#pruning
 */
import { type BlockNode, type ChainManager, forkPoint } from '@chain/core/chain'
import type { Height } from '@chain/core/units'

/** What is looked at. */
export type ChainView = Pick<ChainManager, 'at' | 'tip' | 'bestHeader'>

/** Height of the lowest block, after the genesis block, that is here with all above it; one above the tip when none is. */
export function lowestKept(chain: Pick<ChainView, 'at' | 'tip'>): Height {
  let pruned = 0
  let kept = chain.tip.height + 1
  while (kept - pruned > 1) {
    const middle = (pruned + kept) >>> 1
    if (chain.at(middle)?.hasBody === true) kept = middle
    else pruned = middle
  }
  return kept
}

/**
 * The lowest block of the chain that would have to be taken back to follow a better branch, and was pruned; `undefined`
 * while nothing is in the way.
 */
export function findPrunedFork(chain: ChainView): BlockNode | undefined {
  const { tip, bestHeader } = chain
  if (bestHeader.chainWork <= tip.chainWork) return undefined
  const first = chain.at(forkPoint(tip, bestHeader).height + 1)
  return first?.hasBody === false ? first : undefined
}
