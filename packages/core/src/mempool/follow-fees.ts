/**
 * Lets a fee estimator learn from a mempool and its chain.
 *
 * Source: docs/protocol/policy.md#fee-estimates
 */
import type { ChainManager } from '../chain/index.ts'
import type { Txid } from '../primitives/index.ts'
import type { FeeEstimator } from './fee-estimator.ts'
import { computeFeeRate } from './fee-rate.ts'
import type { Mempool } from './mempool.ts'
import { ancestors, type MempoolEntry } from './mempool-entry.ts'

/**
 * Tells the estimator what comes, is confirmed and leaves, until the function that it returns is called.
 *
 * Only transactions count that came while the chain was up to date, and that stand for themselves: not those that return
 * after a reorganisation or were loaded, nor those that depend on others, nor those for which another one pays.
 */
export function followFees(
  estimator: FeeEstimator,
  modules: { readonly chain: ChainManager; readonly mempool: Mempool },
): () => void {
  const { chain, mempool } = modules
  let confirmed: Txid[] = []
  const leaveMempool = mempool.subscribe((event) => {
    const { entry } = event
    if (event.type === 'transaction-added') {
      forgetPaidFor(estimator, entry)
      const isCurrent = event.origin === 'new' && chain.tip === chain.bestHeader
      if (isCurrent && entry.parents.size === 0)
        estimator.track(entry.txid, computeFeeRate(entry.fee, entry.size), entry.height)
    } else if (event.reason === 'confirmed') confirmed.push(entry.txid)
    else estimator.fail(entry.txid)
  })
  // The mempool subscribed first, so that it has told what a block confirms before the block is told of here.
  const leaveChain = chain.subscribe((event) => {
    if (event.type !== 'block-connected') return
    estimator.connectBlock(event.node.height, confirmed)
    confirmed = []
  })
  return () => {
    leaveMempool()
    leaveChain()
  }
}

/** A miner may take what pays little for the sake of what depends on it. */
function forgetPaidFor(estimator: FeeEstimator, entry: MempoolEntry): void {
  for (const ancestor of ancestors(entry)) {
    const paysLess = ancestor.fee * BigInt(entry.size) < entry.fee * BigInt(ancestor.size)
    if (paysLess) estimator.forget(ancestor.txid)
  }
}
