/**
 * Takes the signed transaction out of a finalised PSBT.
 *
 * Source: BIP174, "Transaction Extractor"
 */
import type { Transaction, TransactionInput } from '../../primitives/index.ts'
import type { Amount } from '../../units/index.ts'
import { WalletError } from '../errors.ts'
import { checkFee, DEFAULT_MAX_FEE } from '../transaction-builder.ts'
import type { Psbt } from './psbt.ts'
import { psbtFee } from './psbt-coins.ts'
import { decodePsbtWitness, psbtInput } from './psbt-fields.ts'
import { type PsbtMap, psbtValue } from './psbt-map.ts'
import { isFinal } from './sign-psbt.ts'

/**
 * The signed transaction, ready to be sent.
 *
 * @param limits - `maxFee`: the most that may be paid as a fee, {@link DEFAULT_MAX_FEE} when absent
 * @throws {WalletError} `psbt-not-final`, `psbt-coin-missing`, `psbt-coin-wrong`, `fee-absurd`, `insufficient-funds`
 */
export function extractTransaction(psbt: Psbt, limits: { readonly maxFee?: Amount } = {}): Transaction {
  checkFee(psbtFee(psbt), limits.maxFee ?? DEFAULT_MAX_FEE)
  const inputs = psbt.transaction.inputs.map((input, index) =>
    finalInput(input, psbt.inputs[index] ?? [], index),
  )
  return { ...psbt.transaction, inputs }
}

function finalInput(input: TransactionInput, map: PsbtMap, index: number): TransactionInput {
  if (!isFinal(map)) {
    throw new WalletError('psbt-not-final', `Input ${index} of the PSBT has no final witness.`, { index })
  }
  const witness = psbtValue(map, psbtInput.finalWitness)
  return {
    ...input,
    scriptSig: psbtValue(map, psbtInput.finalScriptSig) ?? input.scriptSig,
    witness: witness === undefined ? [] : decodePsbtWitness(witness),
  }
}
