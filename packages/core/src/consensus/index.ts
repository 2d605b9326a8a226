/** The rules that every node must agree on, the parameters that they take from a chain spec, and the built-in networks. */
export { type AsertAnchor, type AsertParams, asertTarget } from './asert.ts'
export {
  type ChainSpec,
  chainSpecFromDocument,
  computeSpecId,
  formatChainSpec,
  MAX_CHAIN_SPEC_LENGTH,
  parseChainSpec,
} from './chain-spec.ts'
export { baseSigopsCost, checkBlock, checkBlockContext } from './check-block.ts'
export { checkHeader } from './check-header.ts'
export { checkInputs, type InputsResult } from './check-inputs.ts'
export { checkTransaction } from './check-transaction.ts'
export { encodeCoinbaseHeight } from './coinbase-height.ts'
export {
  computeWitnessCommitment,
  filterCommitmentScript,
  findFilterCommitment,
  findWitnessCommitment,
  witnessCommitmentScript,
} from './commitment.ts'
export { nextTarget } from './difficulty.ts'
export { createGenesis, MAX_GENESIS_MESSAGE_LENGTH } from './genesis.ts'
export type { HeaderNode } from './header-node.ts'
export { areSequencesFinal, isFinal, SEQUENCE_FINAL } from './lock-time.ts'
export { medianTimePast } from './median-time.ts'
export { loadNetwork, type NetworkName, networkNames } from './networks.ts'
export {
  type ConsensusParams,
  type DifficultyRule,
  LOCK_TIME_THRESHOLD,
  MAX_BASE_LENGTH,
  MAX_BLOCK_WEIGHT,
  MAX_FUTURE_SECONDS,
  MAX_SIGOPS_COST,
  MEDIAN_TIME_SPAN,
  WITNESS_SCALE,
} from './params.ts'
export { isWorkSufficient, meetsTarget, numberFromHash } from './pow.ts'
export { findProvenFilterCommitment } from './proven-commitment.ts'
export {
  type Rule,
  type RuleBlame,
  type RuleCode,
  RuleError,
  type RuleFailure,
  type RuleStage,
  rules,
} from './rules.ts'
export {
  inlineVerifier,
  type SignatureCheck,
  type SignatureVerifier,
  verifySignature,
} from './signature-check.ts'
export { computeSubsidy } from './subsidy.ts'
