/**
 * Difficulty as Bitcoin tools show it: how many times harder than the easiest target of Bitcoin's main network.
 *
 * Source: Bitcoin Core, `GetDifficulty`
 */
import { type CompactTarget, targetFromCompact } from '@chain/core/units'

/** For people: floating point, not for rules. */
export function difficultyOf(bits: CompactTarget): number {
  let exponent = bits >>> 24
  let difficulty = 0x0000_ffff / (bits & 0x00ff_ffff)
  for (; exponent < 29; exponent++) difficulty *= 256
  for (; exponent > 29; exponent--) difficulty /= 256
  return difficulty
}

/** The target of a compact form as 64 hexadecimal digits. */
export function formatTarget(bits: CompactTarget): string {
  return (targetFromCompact(bits) ?? 0n).toString(16).padStart(64, '0')
}

/** A compact form as 8 hexadecimal digits. */
export function formatBits(bits: CompactTarget): string {
  return bits.toString(16).padStart(8, '0')
}
