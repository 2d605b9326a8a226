import fc, { type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import type { SignedDigest } from '../src/engine.ts'
import { readSlot, SLOT_LENGTH, writeSlot } from '../src/slots.ts'

const bytes = (minLength: number, maxLength = minLength): Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength })

const fitting: Arbitrary<SignedDigest> = fc.oneof(
  fc.record({
    algorithm: fc.constant('ecdsa' as const),
    digest: bytes(32),
    publicKey: bytes(33),
    signature: bytes(0, 72),
  }),
  fc.record({
    algorithm: fc.constant('schnorr' as const),
    digest: bytes(32),
    publicKey: bytes(32),
    signature: bytes(0, 72),
  }),
)

const anyLength: Arbitrary<SignedDigest> = fc.record({
  algorithm: fc.constantFrom('ecdsa', 'schnorr'),
  digest: bytes(0, 70),
  publicKey: bytes(0, 70),
  signature: bytes(0, 200),
})

test('a check is read as it was written, whatever was in the slot before', () => {
  fc.assert(
    fc.property(fitting, fitting, fc.nat(200), (check, previous, at) => {
      const memory = new Uint8Array(400)
      writeSlot(memory, at, previous)
      writeSlot(memory, at, check)
      expect(readSlot(memory, at)).toEqual(check)
    }),
  )
})

test('what does not fit is read as what cannot be right, and nothing beside the slot is written', () => {
  fc.assert(
    fc.property(anyLength, fitting, (check, previous) => {
      const memory = new Uint8Array(3 * SLOT_LENGTH).fill(0xaa)
      writeSlot(memory, SLOT_LENGTH, previous)
      writeSlot(memory, SLOT_LENGTH, check)
      const { algorithm, digest, publicKey, signature } = check
      const fits =
        digest.length === 32 &&
        publicKey.length === (algorithm === 'ecdsa' ? 33 : 32) &&
        signature.length <= 72
      expect(readSlot(memory, SLOT_LENGTH)).toEqual(fits ? check : undefined)
      const beside = [...memory.subarray(0, SLOT_LENGTH), ...memory.subarray(2 * SLOT_LENGTH)]
      expect(new Set(beside)).toEqual(new Set([0xaa]))
    }),
  )
})
