import { decodeGolombSet, encodeGolombSet } from '@chain/core/filters'
import { array, assert, integer, oneof, property } from 'fast-check'
import { expect, test } from 'vitest'

/** The definition, bit by bit. */
function naiveEncoding(sorted: readonly number[]): Uint8Array {
  let bits = ''
  let previous = 0n
  for (const value of sorted.map(BigInt)) {
    const difference = value - previous
    bits += '1'.repeat(Number(difference >> 19n))
    bits += `0${(difference & 0x7ffffn).toString(2).padStart(19, '0')}`
    previous = value
  }
  const bytes = bits.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)) ?? []
  return Uint8Array.of(sorted.length, ...bytes)
}

test('a set is encoded bit for bit as defined, and reads back, also with wide gaps', () => {
  const gap = oneof(integer({ min: 0, max: 2 ** 20 }), integer({ min: 0, max: 2 ** 27 }))
  assert(
    property(array(gap, { maxLength: 60 }), (gaps) => {
      let value = 0
      const sorted = gaps.map((each) => {
        value += each
        return value
      })
      const encoded = encodeGolombSet(sorted)
      expect(encoded).toEqual(naiveEncoding(sorted))
      expect([...decodeGolombSet(encoded)]).toEqual(sorted)
    }),
  )
})
