import { meetsTarget } from '@chain/core/consensus'
import { NONCE_COUNT, searchNonce } from '@chain/core/mining'
import { blockHash } from '@chain/core/primitives'
import { targetFromCompact } from '@chain/core/units'
import { assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { header } from '../arbitraries/primitives.ts'

test('the search finds the first nonce of its range that meets the target', () => {
  const start = integer({ min: 0, max: NONCE_COUNT - 60 })
  const bits = constantFrom(0x207fffff, 0x2000ffff, 0x1f7fffff, 0x1d00ffff)
  const law = property(header, start, bits, (bare, first, compact) => {
    const target = targetFromCompact(compact) ?? 0n
    const nonces = Array.from({ length: 60 }, (_, index) => first + index)
    const expected = nonces.find((nonce) => {
      return meetsTarget(blockHash({ ...bare, bits: compact, nonce }), target)
    })
    expect(searchNonce({ ...bare, bits: compact }, first, 60)).toBe(expected)
  })
  assert(law)
})
