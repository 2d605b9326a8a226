/** Numbers modulo the order of secp256k1, and the DER that they are written in: right and wrong. */
import { type Bytes, bigintToBytes, concatBytes } from '@chain/core/bytes'
import { secp256k1 } from '@noble/curves/secp256k1.js'

/** Order of the group. */
export const ORDER: bigint = secp256k1.Point.Fn.ORDER
/** Prime of the field. */
export const PRIME: bigint = secp256k1.Point.Fp.ORDER

/** Numbers at which something changes, below 2^256. */
export const boundaries: readonly bigint[] = [
  0n,
  1n,
  2n,
  (ORDER >> 1n) - 1n,
  ORDER >> 1n,
  (ORDER >> 1n) + 1n,
  PRIME - ORDER - 1n,
  PRIME - ORDER,
  ORDER - 1n,
  ORDER,
  ORDER + 1n,
  PRIME - 1n,
  PRIME,
  PRIME + 1n,
  2n ** 255n,
  2n ** 256n - 1n,
]

/** 32 bytes, most significant first. */
export function bytes32(value: bigint): Uint8Array {
  return bigintToBytes(value, 32)
}

/** A value modulo the order, also of a negative one. */
export function modOrder(value: bigint): bigint {
  return ((value % ORDER) + ORDER) % ORDER
}

/** A signature in DER, whatever its numbers are. */
export function encodeDer(r: bigint, s: bigint): Uint8Array {
  const numbers = concatBytes(derInteger(r), derInteger(s))
  return concatBytes(Uint8Array.of(0x30, numbers.length), numbers)
}

function derInteger(value: bigint): Bytes {
  const text = value.toString(16)
  const digits = bigintToBytes(value, Math.ceil(text.length / 2))
  const content = (digits[0] as number) >= 0x80 ? concatBytes(Uint8Array.of(0), digits) : digits
  return concatBytes(Uint8Array.of(0x02, content.length), content)
}
