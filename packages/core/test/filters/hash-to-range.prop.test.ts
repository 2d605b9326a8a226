import { siphash, siphashKey } from '@chain/core/crypto'
import { assert, bigInt, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { hashToRange } from '../../src/filters/hash-to-range.ts'

test('an item becomes the upper half of the product of its hash and the range', () => {
  const key = uint8Array({ minLength: 16, maxLength: 16 }).map(siphashKey)
  const range = bigInt({ min: 1n, max: 2n ** 48n - 1n }).map(Number)
  assert(
    property(key, uint8Array({ maxLength: 100 }), range, (secret, item, bound) => {
      const expected = (siphash(secret, item) * BigInt(bound)) >> 64n
      expect(hashToRange(secret, item, bound)).toBe(Number(expected))
    }),
    { numRuns: 2_000 },
  )
})
