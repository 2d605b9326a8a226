/**
 * Tells the log, once for each such branch, when a better branch leaves the chain where blocks were pruned: the node cannot
 * follow it by itself.
 *
 * Not for the status, which says so for as long as it holds (`state.ts`).
 */
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { formatHash } from '@chain/core/primitives'
import { describePrunedFork } from './errors.ts'
import type { Logger } from './logger.ts'
import { findPrunedFork } from './pruned-blocks.ts'

/** Looks now, and whenever the tip or the best header is another one; returns what ends it. */
export function logPrunedForks(chain: ChainManager, log: Logger): () => void {
  let told: BlockNode | undefined
  const look = (): void => {
    const pruned = findPrunedFork(chain)
    if (pruned === undefined) return
    const branch = chain.bestHeader.ancestor(pruned.height)
    if (branch === told) return
    told = branch
    const { height } = pruned
    log.error({ height, branch: formatHash(branch.hash) }, describePrunedFork(height))
  }
  look()
  return chain.subscribe(({ type }) => {
    if (type === 'tip-changed' || type === 'best-header-changed') look()
  })
}
