/**
 * Proof-of-work targets and their compact form.
 */
import { ParseError } from '../errors/index.ts'

/** An upper bound for a block hash read as a little-endian 256-bit number. */
export type Target = bigint

/**
 * Compact target ("bits"): a 32-bit floating form of the 256-bit proof-of-work target.
 *
 * `target = mantissa * 256 ** (exponent - 3)`; the highest byte is the exponent, the lower three the mantissa, whose
 * top bit is a sign that must be clear.
 *
 * Source: Bitcoin developer reference, "target nBits"; docs/protocol/consensus.md#target
 */
export type CompactTarget = number

/** The largest number a hash can be. */
export const MAX_TARGET: Target = (1n << 256n) - 1n

/**
 * The target that a compact form stands for, or `undefined` when that is no positive number of at most 256 bits.
 *
 * Forms that are not canonical (such as a mantissa with leading zero bytes) are read, as Bitcoin does; a header must
 * carry exactly the expected compact form, so they never get further.
 */
export function targetFromCompact(compact: CompactTarget): Target | undefined {
  const exponent = compact >>> 24
  const mantissa = BigInt(compact & 0x007fffff)
  const target =
    exponent <= 3 ? mantissa >> BigInt(8 * (3 - exponent)) : mantissa << BigInt(8 * (exponent - 3))
  const negative = (compact & 0x00800000) !== 0
  return negative || target === 0n || target > MAX_TARGET ? undefined : target
}

/**
 * The compact form of a target, rounded down to what 23 bits of mantissa hold.
 *
 * @param target - 1 to 2^256 - 1
 * @throws {ParseError} `target-out-of-range`
 */
export function compactFromTarget(target: Target): CompactTarget {
  if (target <= 0n || target > MAX_TARGET) {
    throw new ParseError('target-out-of-range', 'A target lies between 1 and 2^256 - 1.', { target })
  }
  let exponent = Math.ceil(target.toString(16).length / 2)
  let mantissa = Number(
    exponent <= 3 ? target << BigInt(8 * (3 - exponent)) : target >> BigInt(8 * (exponent - 3)),
  )
  if ((mantissa & 0x00800000) !== 0) {
    mantissa >>>= 8
    exponent += 1
  }
  return ((exponent << 24) | mantissa) >>> 0
}
