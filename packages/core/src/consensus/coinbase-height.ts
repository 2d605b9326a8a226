/**
 * The height at the start of each coinbase script, which makes every coinbase unique.
 *
 * Source: BIP34; docs/protocol/consensus.md#coinbase-height
 */
import type { Height } from '../units/index.ts'

const OP_0 = 0x00
const OP_1 = 0x51

/** The bytes that a coinbase script begins with at `height`: the shortest script that pushes the number. */
export function encodeCoinbaseHeight(height: Height): Uint8Array {
  if (height === 0) return Uint8Array.of(OP_0)
  if (height <= 16) return Uint8Array.of(OP_1 + height - 1)
  const digits: number[] = []
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) digits.push(rest % 256)
  if ((digits.at(-1) as number) >= 0x80) digits.push(0)
  return Uint8Array.of(digits.length, ...digits)
}
