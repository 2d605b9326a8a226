/** Keys from a seed, coin selection, partially signed transactions, and payments from coins to signatures. */
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
export { combinePsbts } from './psbt/combine-psbts.ts'
export { createPsbt, type PsbtSources } from './psbt/create-psbt.ts'
export { extractTransaction } from './psbt/extract-transaction.ts'
export { finalizePsbt } from './psbt/finalize-psbt.ts'
export { decodePsbt, encodePsbt, formatPsbt, MAX_PSBT_LENGTH, type Psbt, parsePsbt } from './psbt/psbt.ts'
export { psbtCoin, psbtFee } from './psbt/psbt-coins.ts'
export type { PsbtField, PsbtMap } from './psbt/psbt-map.ts'
export { type PsbtSigning, signPsbt } from './psbt/sign-psbt.ts'
export { type FindPrivateKey, signPayment } from './signer.ts'
export {
  buildPayment,
  DEFAULT_MAX_FEE,
  MAX_FEE_RATE,
  type PaymentRequest,
  type SpendableCoin,
  type UnsignedPayment,
} from './transaction-builder.ts'
