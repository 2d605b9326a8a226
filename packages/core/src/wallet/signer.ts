/**
 * Signs payments: P2WPKH inputs, each signature over all inputs and outputs.
 *
 * Source: BIP143; BIP141, "P2WPKH"
 */
import type { Bytes } from '../bytes/index.ts'
import { hash160, publicKeyFromPrivate, signEcdsa } from '../crypto/index.ts'
import { invariant } from '../errors/index.ts'
import type { Transaction } from '../primitives/index.ts'
import { classifyScript, p2wpkhScript, SIGHASH_ALL, SighashCache, segwitV0Sighash } from '../script/index.ts'
import { WalletError } from './errors.ts'
import { SIGNATURE_LENGTH, type UnsignedPayment } from './transaction-builder.ts'

/** Finds the private key (32 bytes) that opens an output script, or `undefined`. */
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
    return { ...input, witness: signInput(cache, index, findPrivateKey) }
  })
  return { ...payment.transaction, inputs }
}

/** The witness `signature publicKey` of one input. */
function signInput(cache: SighashCache, index: number, findPrivateKey: FindPrivateKey): Bytes[] {
  const script = cache.spent[index]?.scriptPubKey
  invariant(script !== undefined, 'The signed input exists.')
  const template = classifyScript(script)
  const privateKey = findPrivateKey(script)
  if (template.type !== 'p2wpkh' || privateKey === undefined) throw missingKey(index)
  const publicKey = publicKeyFromPrivate(privateKey)
  if (!fits(publicKey, script)) throw missingKey(index)
  const digest = segwitV0Sighash(cache, index, template.keyHash, SIGHASH_ALL)
  return [Uint8Array.of(...signToLength(digest, privateKey), SIGHASH_ALL), publicKey]
}

function fits(publicKey: Bytes, script: Bytes): boolean {
  return p2wpkhScript(hash160(publicKey)).every((byte, at) => byte === script[at])
}

function missingKey(index: number): WalletError {
  return new WalletError('key-missing', `No key of the wallet opens the coin of input ${index}.`, { index })
}

/**
 * A signature of exactly {@link SIGNATURE_LENGTH} bytes with its hash type: the deterministic one where it has that
 * length, else the first that has it with a counter mixed into its nonce. Two tries are needed on average.
 *
 * Source: RFC 6979, section 3.6 (additional data); Bitcoin Core, `CKey::Sign` (counter of 32 bytes, little-endian)
 */
function signToLength(digest: Bytes, privateKey: Bytes): Uint8Array {
  let signature = signEcdsa(digest, privateKey)
  for (let counter = 1; signature.length !== SIGNATURE_LENGTH - 1; counter++) {
    const extraEntropy = new Uint8Array(32)
    new DataView(extraEntropy.buffer).setUint32(0, counter, true)
    signature = signEcdsa(digest, privateKey, extraEntropy)
  }
  return signature
}
