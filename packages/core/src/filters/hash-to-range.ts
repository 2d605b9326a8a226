/**
 * Maps items of a filter evenly onto `0 … range - 1`: the upper half of the 128-bit product of hash and range.
 *
 * Source: BIP158, "Hashing Data Objects"
 */
import type { Bytes } from '../bytes/index.ts'
import { type SipHashKey, siphashInto } from '../crypto/index.ts'

const hash = new Uint32Array(2)

/**
 * The number that an item becomes.
 *
 * @param range - 1 to 2^48 - 1
 */
export function hashToRange(key: SipHashKey, item: Bytes, range: number): number {
  siphashInto(key, item, hash)
  return multiplyHigh(hash[0] as number, hash[1] as number, range)
}

/** `(high * 2^32 + low) * range / 2^64`, rounded down. Every intermediate is below 2^53, so that doubles hold it exactly. */
function multiplyHigh(low: number, high: number, range: number): number {
  const range0 = range % 2 ** 16
  const range1 = Math.floor(range / 2 ** 16) % 2 ** 16
  const range2 = Math.floor(range / 2 ** 32)
  const at16 = Math.floor((low * range0) / 2 ** 16) + low * range1
  const at32 = Math.floor(at16 / 2 ** 16) + low * range2 + high * range0
  const at48 = Math.floor(at32 / 2 ** 16) + high * range1
  return Math.floor(at48 / 2 ** 16) + high * range2
}
