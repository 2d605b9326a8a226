/**
 * Signs payments: P2WPKH and taproot inputs, each signature over all inputs and outputs.
 */
import type { Bytes } from '../bytes/index.ts'
import type { Transaction } from '../primitives/index.ts'
import { SighashCache } from '../script/index.ts'
import { WalletError } from './errors.ts'
import { signInput, witnessOf } from './input-signature.ts'
import type { UnsignedPayment } from './transaction-builder.ts'

/**
 * Finds the private key (32 bytes) that opens an output script, or `undefined`. Of a taproot output that is the
 * internal key: the signer tweaks it (BIP86).
 */
export type FindPrivateKey = (script: Bytes) => Bytes | undefined

/**
 * The payment with its witnesses; its weight is the one that was foreseen.
 *
 * @throws {WalletError} `key-missing`
 */
export function signPayment(
  payment: Pick<UnsignedPayment, 'transaction' | 'spent'>,
  findPrivateKey: FindPrivateKey,
): Transaction {
  const cache = new SighashCache(payment.transaction, payment.spent)
  const inputs = payment.transaction.inputs.map((input, index) => {
    const privateKey = findPrivateKey(cache.spent[index]?.scriptPubKey ?? new Uint8Array())
    const signed = privateKey === undefined ? undefined : signInput(cache, index, privateKey)
    if (signed === undefined) throw missingKey(index)
    return { ...input, witness: witnessOf(signed) }
  })
  return { ...payment.transaction, inputs }
}

/** No key of the wallet, or a wrong one, was found for an input. */
export function missingKey(index: number): WalletError {
  return new WalletError('key-missing', `No key of the wallet opens the coin of input ${index}.`, { index })
}
