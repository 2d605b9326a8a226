/** Keys from a seed, coin selection, and payments from coins to signatures. */
export { type CoinChoice, type Selection, type SelectionTask, selectCoins } from './coin-selection.ts'
export {
  Account,
  type AccountPurpose,
  accountPath,
  coinTypeOf,
  type KeyBranch,
  type KeyOrigin,
  type KeyPlace,
} from './derivation.ts'
export { WalletError, type WalletErrorCode } from './errors.ts'
export { inputWeight, paymentWeight, SIGNATURE_LENGTH } from './payment-weight.ts'
export { type FindPrivateKey, signPayment } from './signer.ts'
export {
  buildPayment,
  DEFAULT_MAX_FEE,
  MAX_FEE_RATE,
  type PaymentRequest,
  type SpendableCoin,
  type UnsignedPayment,
} from './transaction-builder.ts'
