import { hash256 } from '@chain/core/crypto'
import { chainFilterHeaders, computeFilterHash, computeFilterHeader, verifyFilter } from '@chain/core/filters'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const zeros = new Uint8Array(32)
const filters = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 20 })

it('filter hashes give the same filter headers as the filters', () => {
  fc.assert(
    fc.property(filters, (all) => {
      const headers = chainFilterHeaders(zeros, all.map(computeFilterHash))
      let previous: Uint8Array = zeros
      for (const [index, filter] of all.entries()) {
        previous = computeFilterHeader(filter, previous)
        expect(headers[index]).toEqual(previous)
      }
      expect(headers).toHaveLength(all.length)
    }),
  )
})

it('a filter is taken for its own place in the chain only', () => {
  const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)] as const
  const [one, two] = chainFilterHeaders(zeros, [first, second].map(hash256)) as [Uint8Array, Uint8Array]
  expect(verifyFilter(first, zeros, one)).toBe(true)
  expect(verifyFilter(second, one, two)).toBe(true)
  expect(verifyFilter(second, zeros, one)).toBe(false)
  expect(verifyFilter(first, one, two)).toBe(false)
  expect(verifyFilter(second, zeros, two)).toBe(false)
})
