/**
 * What a payment weighs once it is signed, known before it is: every signature that `signer` makes has one length.
 *
 * Source: BIP141, "Transaction size calculations"
 */
import { type Bytes, compactSizeLength } from '../bytes/index.ts'
import type { TransactionOutput } from '../primitives/index.ts'
import { classifyScript } from '../script/index.ts'

/** Bytes of every ECDSA signature that `signer` makes, hash type included. */
export const SIGNATURE_LENGTH = 71

/** Bytes of a Schnorr signature with the default hash type, which is not written. Source: BIP341. */
const SCHNORR_SIGNATURE_LENGTH = 64

/** Outpoint, empty script, sequence. */
const BARE_INPUT_WEIGHT = 4 * (36 + 1 + 4)

/** Count of items, then signature and compressed key. */
const KEY_HASH_WITNESS_WEIGHT = 1 + (1 + SIGNATURE_LENGTH) + (1 + 33)

/** Count of items, then the signature. */
const TAPROOT_WITNESS_WEIGHT = 1 + (1 + SCHNORR_SIGNATURE_LENGTH)

/** Version and lock time; marker and flag of the witness. */
const FRAME_WEIGHT = 4 * (4 + 4) + 2

/**
 * Weight of a signed input that spends an output with this script, its witness included: 271 for P2WPKH, 230 for
 * taproot, or `undefined` where the wallet cannot spend it.
 */
export function inputWeight(script: Bytes): number | undefined {
  const { type } = classifyScript(script)
  if (type === 'p2wpkh') return BARE_INPUT_WEIGHT + KEY_HASH_WITNESS_WEIGHT
  return type === 'p2tr' ? BARE_INPUT_WEIGHT + TAPROOT_WITNESS_WEIGHT : undefined
}

/**
 * Weight of a signed payment.
 *
 * @param inputs - how many, at least one
 * @param weight - the sum of their {@link inputWeight}
 */
export function paymentWeight(inputs: number, weight: number, outputs: readonly TransactionOutput[]): number {
  let length = compactSizeLength(inputs) + compactSizeLength(outputs.length)
  for (const { scriptPubKey } of outputs) {
    length += 8 + compactSizeLength(scriptPubKey.length) + scriptPubKey.length
  }
  return FRAME_WEIGHT + 4 * length + weight
}
