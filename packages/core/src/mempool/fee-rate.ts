/** Fee rates: base units per 1,000 virtual bytes, as Bitcoin Core counts them. */
import type { Amount } from '../units/index.ts'

/** Base units per 1,000 virtual bytes. */
export type FeeRate = bigint

/** The fee of `size` virtual bytes at a rate, rounded up. */
export function computeFee(rate: FeeRate, size: number): Amount {
  return (rate * BigInt(size) + 999n) / 1_000n
}

/** The rate that a fee stands for, rounded down. @param size - virtual bytes, above 0 */
export function computeFeeRate(fee: Amount, size: number): FeeRate {
  return (fee * 1_000n) / BigInt(size)
}
