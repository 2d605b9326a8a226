import { hash256, hash256All, hash256Pairs, sha256 } from '@chain/core/crypto'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { array, assert, integer, property, record, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'

/** Messages that start anywhere in a buffer, some longer than what is copied into the module at a time. */
const message = record({
  start: integer({ min: 0, max: 70 }),
  length: integer({ min: 0, max: 300 }),
  repeats: integer({ min: 1, max: 700 }),
  seed: uint8Array({ minLength: 1, maxLength: 40 }),
}).map(({ start, length, repeats, seed }) => {
  const buffer = Uint8Array.from(
    { length: start + length * repeats },
    (_, index) => (seed[index % seed.length] as number) ^ (index >>> 3),
  )
  return buffer.subarray(start)
})

function nobleHash256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(nobleSha256(bytes))
}

test('SHA-256 is that of an independent implementation, whatever the length and place of the bytes', () => {
  assert(
    property(message, (bytes) => {
      expect(sha256(bytes)).toEqual(nobleSha256(bytes))
      expect(hash256(bytes)).toEqual(nobleHash256(bytes))
    }),
  )
})

test('every length around the blocks, and around what is copied at a time, has its hash', () => {
  const bytes = Uint8Array.from({ length: 123_000 }, (_, index) => (index * 7) & 0xff)
  const around = [15_232, 61_312, 2 * 61_312].flatMap((edge) =>
    Array.from({ length: 140 }, (_, at) => edge - 70 + at),
  )
  const lengths = [...Array.from({ length: 300 }, (_, length) => length), ...around]
  const messages = lengths.map((length) => bytes.subarray(0, length))
  expect(messages.map(sha256)).toEqual(messages.map((each) => nobleSha256(each)))
  expect(hash256All(messages)).toEqual(messages.map(nobleHash256))
})

test('many messages of any lengths have the hashes that each has alone', () => {
  assert(
    property(array(message, { maxLength: 12 }), (messages) => {
      expect(hash256All(messages)).toEqual(messages.map(nobleHash256))
    }),
  )
})

test('every pair of a level has its hash', () => {
  const hashes = uint8Array({ minLength: 32, maxLength: 32 })
  const levels = array(hashes, { maxLength: 40 })
  assert(
    property(levels, integer({ min: 0, max: 1_100 }), (seeds, count) => {
      const pairs = Uint8Array.from({ length: count * 64 }, (_, index) => {
        const seed = seeds[(index >>> 5) % Math.max(1, seeds.length)]
        return (seed?.[index & 31] ?? 0) ^ (index >>> 11)
      })
      const expected = Array.from({ length: count }, (_, index) =>
        nobleHash256(pairs.subarray(index * 64, index * 64 + 64)),
      )
      const result = hash256Pairs(pairs)
      for (const [index, hash] of expected.entries()) {
        expect(result.subarray(index * 32, index * 32 + 32)).toEqual(hash)
      }
    }),
    { numRuns: 30 },
  )
})
