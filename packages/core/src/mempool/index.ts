/** Transactions that wait for a block, and the policy of one node about them. */
export { type FeeEstimate, FeeEstimator, MAX_TRACKED } from './fee-estimator.ts'
export { decodeFeeHistory, FEE_CLASSES, FeeHistory, MAX_ESTIMATE_BLOCKS } from './fee-history.ts'
export { computeFee, computeFeeRate, type FeeRate } from './fee-rate.ts'
export { followFees } from './follow-fees.ts'
export { type LoadResult, Mempool, type MempoolModules } from './mempool.ts'
export { decodeMempool, encodeMempool, type SavedMempool, type SavedTransaction } from './mempool-codec.ts'
export {
  ancestors,
  ancestorTotals,
  createEntry,
  descendants,
  descendantTotals,
  type EntryTotals,
  type MempoolEntry,
  modifiedFee,
} from './mempool-entry.ts'
export type {
  MempoolEvent,
  MempoolListener,
  MempoolOrigin,
  MempoolOutcome,
  MempoolRefusal,
  RemovalReason,
  TestOutcome,
} from './mempool-events.ts'
export { type MiningPlace, orderForMining, selectEntries } from './mining-order.ts'
export { type Orphan, type OrphanLimits, Orphans } from './orphans.ts'
export {
  checkPolicy,
  defaultPolicy,
  dustLimit,
  type PolicyCode,
  PolicyError,
  type PolicyFailure,
  type PolicyLimits,
  policyRules,
} from './policy.ts'
export { MAX_PRIORITIES } from './priorities.ts'
export { ROLLING_HALF_LIFE } from './rolling-fee-rate.ts'
export { explainWaiting, type Waiting, type WaitingContext, type WaitingReason } from './waiting.ts'
