/**
 * Signature checks as data: connecting a block yields a list of them, and anybody may run it, in this thread or in
 * others.
 */
import type { Bytes } from '../bytes/index.ts'
import { verifyEcdsa, verifySchnorr } from '../crypto/index.ts'
import type { Txid } from '../primitives/index.ts'

/** One signature that must be right for a transaction to be valid. */
export interface SignatureCheck {
  readonly algorithm: 'ecdsa' | 'schnorr'
  /** 32 bytes: what was signed. */
  readonly digest: Bytes
  /** 33 bytes compressed for ECDSA, 32 bytes x-only for Schnorr. */
  readonly publicKey: Bytes
  /** DER without hash type for ECDSA, 64 bytes for Schnorr. */
  readonly signature: Bytes
  /** The transaction that carries it. */
  readonly txid: Txid
  /** The input that carries it. */
  readonly inputIndex: number
}

/** Runs signature checks. */
export interface SignatureVerifier {
  /** What runs them, for people: such as `noble`. */
  readonly name: string
  /** Position of the first check that fails, or `undefined` when all signatures are right. */
  findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined>
}

/** Whether one signature is right. */
export function verifySignature(check: SignatureCheck): boolean {
  const verify = check.algorithm === 'ecdsa' ? verifyEcdsa : verifySchnorr
  return verify(check.digest, check.publicKey, check.signature)
}

/** Runs all checks at once in the calling thread, with `@noble/curves`: about a thousand a second. */
export const inlineVerifier: SignatureVerifier = {
  name: 'noble',
  findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
    const index = checks.findIndex((check) => !verifySignature(check))
    return Promise.resolve(index === -1 ? undefined : index)
  },
}
