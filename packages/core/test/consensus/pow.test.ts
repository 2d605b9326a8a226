import { bigintToBytes, reverseBytes } from '@chain/core/bytes'
import { isWorkSufficient, meetsTarget, numberFromHash } from '@chain/core/consensus'
import { targetFromCompact } from '@chain/core/units'
import { describe, expect, test } from 'vitest'

const limit = 0x1d00ffff
const target = targetFromCompact(limit) ?? 0n

/** The hash that is read as this number. */
function hashOf(number: bigint): Uint8Array {
  return reverseBytes(bigintToBytes(number, 32))
}

describe('proof of work', () => {
  test('reads a hash with its last byte first', () => {
    expect(numberFromHash(Uint8Array.of(1, ...new Uint8Array(31)))).toBe(1n)
    expect(numberFromHash(hashOf(target))).toBe(target)
  })

  test('is met by the target itself, and not by one more', () => {
    expect(meetsTarget(hashOf(target), target)).toBe(true)
    expect(meetsTarget(hashOf(target + 1n), target)).toBe(false)
    expect(isWorkSufficient(hashOf(target), limit, limit)).toBe(true)
    expect(isWorkSufficient(hashOf(target + 1n), limit, limit)).toBe(false)
  })

  test.each([
    ['easier than the limit', 0x1d010000],
    ['zero', 0],
    ['negative', 0x1d80ffff],
    ['beyond 256 bits', 0xff00ffff],
  ])('is never enough for a target that is %s', (_, bits) => {
    expect(isWorkSufficient(hashOf(1n), bits, limit)).toBe(false)
  })
})
