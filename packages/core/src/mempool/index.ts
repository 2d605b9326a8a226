export { computeFee, computeFeeRate, type FeeRate } from './fee-rate.ts'
export {
  Mempool,
  type MempoolEvent,
  type MempoolListener,
  type MempoolModules,
  type MempoolOutcome,
  type RemovalReason,
} from './mempool.ts'
export { ancestors, descendants, type MempoolEntry } from './mempool-entry.ts'
export {
  checkPolicy,
  defaultPolicy,
  dustLimit,
  type PolicyCode,
  type PolicyData,
  PolicyError,
  type PolicyFailure,
  type PolicyLimits,
  type PolicyRule,
  policyRules,
} from './policy.ts'
