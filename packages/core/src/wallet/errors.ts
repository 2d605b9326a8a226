/**
 * What can go wrong while a payment is made, apart from amounts and addresses that cannot be read.
 */
import { ChainError } from '../errors/index.ts'

/**
 * - `extended-key-malformed`: a text is no BIP32 key.
 * - `amount-zero`, `amount-dust`: an output pays nothing, or so little that no node relays it.
 * - `insufficient-funds`: the coins do not cover amounts and fee.
 * - `fee-rate-out-of-range`, `fee-absurd`: the fee is outside of what anybody means.
 * - `payment-too-large`: more coins are needed than fit into a transaction that nodes relay.
 * - `key-missing`: no key of the wallet opens a coin.
 * - `psbt-coin-missing`, `psbt-coin-wrong`: a PSBT does not say what an input spends, or says it wrongly.
 * - `psbt-hash-type-refused`: a PSBT asks for a signature that leaves open what is paid.
 * - `psbt-transactions-differ`: PSBTs of different transactions are to be combined.
 * - `psbt-unsigned`, `psbt-signature-wrong`: a PSBT cannot be finalised.
 * - `psbt-not-final`: a PSBT cannot be extracted.
 */
export type WalletErrorCode =
  | 'extended-key-malformed'
  | 'amount-zero'
  | 'amount-dust'
  | 'insufficient-funds'
  | 'fee-rate-out-of-range'
  | 'fee-absurd'
  | 'payment-too-large'
  | 'key-missing'
  | 'psbt-coin-missing'
  | 'psbt-coin-wrong'
  | 'psbt-hash-type-refused'
  | 'psbt-transactions-differ'
  | 'psbt-unsigned'
  | 'psbt-signature-wrong'
  | 'psbt-not-final'

/** A payment cannot be made as asked. */
export class WalletError extends ChainError {
  declare readonly code: WalletErrorCode

  constructor(
    code: WalletErrorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(code, message, data, options)
  }
}
