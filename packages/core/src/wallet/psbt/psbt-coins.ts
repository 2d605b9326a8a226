/**
 * What the inputs of a PSBT spend, as its fields say it, and the fee that follows.
 *
 * The amount in a coin field alone is the word of whoever wrote it. A taproot signature binds the amounts of all inputs,
 * a P2WPKH signature only its own; the whole previous transaction proves the amount.
 *
 * Source: BIP174, "Data Signers Check For"; BIP371, "UTXO Types"
 */
import { equalBytes } from '../../bytes/index.ts'
import { invariant } from '../../errors/index.ts'
import { decodeTransaction, type TransactionOutput, txid } from '../../primitives/index.ts'
import type { Amount } from '../../units/index.ts'
import { WalletError } from '../errors.ts'
import type { Psbt } from './psbt.ts'
import { decodePsbtCoin, psbtInput } from './psbt-fields.ts'
import { psbtValue } from './psbt-map.ts'

/**
 * The output that an input spends, or `undefined` when the PSBT does not say it.
 *
 * @param index - of an input that is there
 * @throws {WalletError} `psbt-coin-wrong` when the previous transaction is another one, or the fields contradict each other
 */
export function psbtCoin(psbt: Psbt, index: number): TransactionOutput | undefined {
  const map = psbt.inputs[index]
  invariant(map !== undefined, 'The input exists.')
  const coinField = psbtValue(map, psbtInput.coin)
  const coin = coinField === undefined ? undefined : decodePsbtCoin(coinField)
  const proven = provenCoin(psbt, index)
  const contradict = coin !== undefined && proven !== undefined && !isSameOutput(coin, proven)
  if (contradict) throw wrongCoin(index)
  return proven ?? coin
}

/** The output as it stands in the previous transaction, where the PSBT has that. */
function provenCoin(psbt: Psbt, index: number): TransactionOutput | undefined {
  const field = psbtValue(psbt.inputs[index] ?? [], psbtInput.previousTransaction)
  const outpoint = psbt.transaction.inputs[index]?.previousOutput
  if (field === undefined || outpoint === undefined) return undefined
  const previous = decodeTransaction(field)
  const output = previous.outputs[outpoint.index]
  if (output === undefined || !equalBytes(txid(previous), outpoint.txid)) throw wrongCoin(index)
  return output
}

function isSameOutput(a: TransactionOutput, b: TransactionOutput): boolean {
  return a.value === b.value && equalBytes(a.scriptPubKey, b.scriptPubKey)
}

/**
 * The outputs that all inputs spend, in order: a signer must know them all to know the fee.
 *
 * @throws {WalletError} `psbt-coin-missing`, `psbt-coin-wrong`
 */
export function psbtCoins(psbt: Psbt): TransactionOutput[] {
  return psbt.inputs.map((_, index) => {
    const coin = psbtCoin(psbt, index)
    if (coin !== undefined) return coin
    throw new WalletError('psbt-coin-missing', `The PSBT does not say what input ${index} spends.`, { index })
  })
}

/**
 * Inputs less outputs: negative when the coins do not cover what is paid.
 *
 * @throws {WalletError} `psbt-coin-missing`, `psbt-coin-wrong`
 */
export function psbtFee(psbt: Psbt): Amount {
  const spent = psbtCoins(psbt).reduce((sum, { value }) => sum + value, 0n)
  return psbt.transaction.outputs.reduce((rest, { value }) => rest - value, spent)
}

function wrongCoin(index: number): WalletError {
  const message = `What the PSBT says of the coin of input ${index} is not what that input spends.`
  return new WalletError('psbt-coin-wrong', message, { index })
}
