/** Keys from a seed, coin selection, and payments from coins to signatures. */
export { type CoinChoice, type Selection, type SelectionTask, selectCoins } from './coin-selection.ts'
export { Account, accountPath, coinTypeOf, type KeyBranch, type KeyPlace } from './derivation.ts'
export { WalletError, type WalletErrorCode } from './errors.ts'
export { type FindPrivateKey, signPayment } from './signer.ts'
export {
  buildPayment,
  DEFAULT_MAX_FEE,
  MAX_FEE_RATE,
  type PaymentRequest,
  SIGNATURE_LENGTH,
  type SpendableCoin,
  type UnsignedPayment,
} from './transaction-builder.ts'
