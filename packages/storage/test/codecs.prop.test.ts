import type { BlockRecord, BlockValidity } from '@chain/core/chain'
import { DecodeError } from '@chain/core/errors'
import { blockHash, type Coin } from '@chain/core/primitives'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCoin, decodeRecord, encodeRecord, openSealed, sealValue } from '../src/codecs.ts'
import { blockKey } from '../src/layout.ts'
import { encodeCoin } from './encode-coin.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const uint32 = fc.nat(0xffffffff)

const record: fc.Arbitrary<BlockRecord> = fc
  .record({
    height: uint32,
    header: fc.record({
      version: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      parent: hash,
      merkleRoot: hash,
      time: uint32,
      bits: uint32,
      nonce: uint32,
    }),
    chainWork: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    validity: fc.constantFrom<BlockValidity>('header', 'connected', 'invalid'),
    hasBody: fc.boolean(),
    transactionCount: fc.nat(1_000_000),
    filterHeader: fc.option(hash, { nil: undefined }),
  })
  .map((fields) => ({ ...fields, hash: blockHash(fields.header) }))

const coin: fc.Arbitrary<Coin> = fc.record({
  output: fc.record({
    value: fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }),
    scriptPubKey: fc.uint8Array({ maxLength: 300 }),
  }),
  height: uint32,
  isCoinbase: fc.boolean(),
})

test('a block record is read as it was written', () => {
  fc.assert(
    fc.property(record, (fields) => {
      expect(decodeRecord(blockKey(fields), encodeRecord(fields))).toEqual(fields)
    }),
  )
})

test('a coin is read as it was written', () => {
  fc.assert(
    fc.property(coin, (fields) => {
      expect(decodeCoin(encodeCoin(fields))).toEqual(fields)
    }),
  )
})

test('only the decode error escapes from damaged records and coins', () => {
  fc.assert(
    fc.property(record, coin, fc.nat(), fc.nat(7), (fields, spent, at, bit) => {
      for (const [bytes, decode] of [
        [encodeRecord(fields), (value: Uint8Array) => decodeRecord(blockKey(fields), value)],
        [encodeCoin(spent), decodeCoin],
      ] as const) {
        for (const damaged of [flip(bytes, at, bit), bytes.subarray(0, at % bytes.length)])
          expectOnlyDecodeError(() => decode(damaged))
      }
    }),
  )
})

test('a record under the key of another block is refused', () => {
  fc.assert(
    fc.property(record, hash, (fields, other) => {
      const key = blockKey({ hash: other, height: fields.height })
      expect(() => decodeRecord(key, encodeRecord(fields))).toThrow(DecodeError)
    }),
  )
})

test('a seal opens on its own key and value, and breaks when one bit of either changes', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.nat(7), (key, value, at, bit) => {
      const sealed = sealValue(key, value)
      expect(openSealed(key, sealed)).toEqual(value)
      expect(() => openSealed(key, flip(sealed, at, bit))).toThrow(DecodeError)
      expect(() => openSealed(flip(key, at, bit), sealed)).toThrow(DecodeError)
      expect(() => openSealed(key, sealed.subarray(0, 3))).toThrow(DecodeError)
    }),
  )
})

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const flipped = bytes.slice()
  const index = at % flipped.length
  flipped[index] = (flipped[index] as number) ^ (1 << bit)
  return flipped
}

function expectOnlyDecodeError(decode: () => unknown): void {
  try {
    decode()
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}
