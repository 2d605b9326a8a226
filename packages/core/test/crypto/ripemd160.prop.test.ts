import { hash160 } from '@chain/core/crypto'
import { ripemd160 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { assert, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'

test('HASH160 is that of an independent implementation', () => {
  assert(
    property(uint8Array({ maxLength: 100 }), (bytes) => {
      expect(hash160(bytes)).toEqual(ripemd160(sha256(bytes)))
    }),
    { numRuns: 1_000 },
  )
})

test('a hash is an array of its own, which the next one leaves alone', () => {
  const first = hash160(Uint8Array.of(1))
  hash160(Uint8Array.of(2))
  expect(first).toEqual(ripemd160(sha256(Uint8Array.of(1))))
})
