/**
 * ECDSA over secp256k1 with the encoding that Bitcoin demands: strict DER (BIP66), low S (BIP62, enforced for witness
 * programs by BIP146's policy and here by consensus).
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { type Bytes, bigintToBytes, compareBytes } from '../bytes/index.ts'

/** Half of the group order, as 32 big-endian bytes: the highest S that is "low". */
const HALF_ORDER: Bytes = bigintToBytes(secp256k1.Point.Fn.ORDER >> 1n, 32)

/**
 * A deterministic (RFC 6979), low-S signature in strict DER, 70 to 72 bytes nearly always.
 *
 * @param digest - 32 bytes, signed as they are
 * @param privateKey - 32 bytes
 * @param extraEntropy - 32 bytes mixed into the nonce (RFC 6979, section 3.6), to get another signature of the same digest
 */
export function signEcdsa(digest: Bytes, privateKey: Bytes, extraEntropy?: Bytes): Uint8Array {
  const options = {
    prehash: false,
    lowS: true,
    format: 'compact',
    extraEntropy: extraEntropy ?? false,
  } as const
  const compact = secp256k1.sign(digest, privateKey, options)
  return secp256k1.Signature.fromBytes(compact, 'compact').toBytes('der')
}

/**
 * Whether `signature` (strict DER, low S) of `digest` (32 bytes) was made by the owner of `publicKey` (33 bytes).
 *
 * Anything malformed is simply not a signature: this never throws.
 */
export function verifyEcdsa(digest: Bytes, publicKey: Bytes, signature: Bytes): boolean {
  const rs = decodeStrictDer(signature)
  if (rs === undefined || digest.length !== 32 || publicKey.length !== 33) return false
  try {
    return secp256k1.verify(rs, digest, publicKey, { prehash: false, lowS: true, format: 'compact' })
  } catch {
    // The library throws on r or s out of range and on a public key that is no point: both mean "not a signature".
    return false
  }
}

/**
 * Reads a strict-DER signature into `r || s` (64 bytes), or `undefined` when the encoding is not the one canonical
 * form, or s is not low.
 *
 * Layout: `30 len 02 rlen r 02 slen s`. Source: BIP66, "Specification"; BIP62, "Low S values in signatures".
 */
export function decodeStrictDer(signature: Bytes): Uint8Array | undefined {
  const length = signature.length
  if (length < 8 || length > 72) return undefined
  if (signature[0] !== 0x30 || signature[1] !== length - 2) return undefined
  const compact = new Uint8Array(64)
  const rEnd = readDerInteger(signature, 2, compact.subarray(0, 32))
  if (rEnd === undefined) return undefined
  const sEnd = readDerInteger(signature, rEnd, compact.subarray(32))
  if (sEnd !== length) return undefined
  return compareBytes(compact.subarray(32), HALF_ORDER) > 0 ? undefined : compact
}

/** Reads one DER integer at `at` into 32 right-aligned bytes and returns where it ends, or `undefined`. */
function readDerInteger(signature: Bytes, at: number, target: Uint8Array): number | undefined {
  const length = signature[at + 1]
  if (signature[at] !== 0x02 || length === undefined || length === 0) return undefined
  const start = at + 2
  const end = start + length
  if (end > signature.length) return undefined
  const first = signature[start] as number
  if ((first & 0x80) !== 0) return undefined
  const padded = first === 0
  if (padded && (length === 1 || ((signature[start + 1] as number) & 0x80) === 0)) return undefined
  const digits = signature.subarray(padded ? start + 1 : start, end)
  if (digits.length > 32) return undefined
  target.set(digits, 32 - digits.length)
  return end
}
