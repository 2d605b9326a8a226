/**
 * A signature check in a fixed number of bytes, as threads hand it to each other.
 *
 *     form 1 | signature length 1 | digest 32 | key 33 | signature 72
 *
 * Unused bytes at the end of key and signature are whatever was there before. A check with parts of other lengths than
 * its algorithm has cannot be right, and is written as the form 0 alone. Nothing is judged here.
 */
import type { Bytes } from '@chain/core/bytes'
import type { SignedDigest } from './engine.ts'

/** Bytes of a slot. */
export const SLOT_LENGTH = 139

const DIGEST_AT = 2
const KEY_AT = 34
const SIGNATURE_AT = 67

const DIGEST_LENGTH = 32
/** Longest signature in strict DER. */
const MAX_SIGNATURE_LENGTH = SLOT_LENGTH - SIGNATURE_AT

const MALFORMED = 0
const ECDSA = 1
const SCHNORR = 2

const keyLengths = { ecdsa: 33, schnorr: 32 } as const

/** Writes a check into the slot at `at`. */
export function writeSlot(bytes: Uint8Array, at: number, check: SignedDigest): void {
  const { algorithm, digest, publicKey, signature } = check
  if (!fits(check)) {
    bytes[at] = MALFORMED
    return
  }
  bytes[at] = algorithm === 'ecdsa' ? ECDSA : SCHNORR
  bytes[at + 1] = signature.length
  bytes.set(digest, at + DIGEST_AT)
  bytes.set(publicKey, at + KEY_AT)
  bytes.set(signature, at + SIGNATURE_AT)
}

/** Reads the check in the slot at `at`, as views of the bytes; `undefined` for one that cannot be right. */
export function readSlot(bytes: Bytes, at: number): SignedDigest | undefined {
  const form = bytes[at]
  if (form !== ECDSA && form !== SCHNORR) return undefined
  const algorithm = form === ECDSA ? 'ecdsa' : 'schnorr'
  const part = (start: number, length: number): Bytes => bytes.subarray(at + start, at + start + length)
  return {
    algorithm,
    digest: part(DIGEST_AT, DIGEST_LENGTH),
    publicKey: part(KEY_AT, keyLengths[algorithm]),
    signature: part(SIGNATURE_AT, bytes[at + 1] as number),
  }
}

function fits({ algorithm, digest, publicKey, signature }: SignedDigest): boolean {
  return (
    digest.length === DIGEST_LENGTH &&
    publicKey.length === keyLengths[algorithm] &&
    signature.length <= MAX_SIGNATURE_LENGTH
  )
}
