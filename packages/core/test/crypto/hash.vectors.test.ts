import { fromHex, toHex } from '@chain/core/bytes'
import { hash160, hash256, sha256, taggedHash } from '@chain/core/crypto'
import { expect, test } from 'vitest'

const abc = Uint8Array.of(0x61, 0x62, 0x63)

test('SHA-256 has the value of FIPS 180-4', () => {
  expect(toHex(sha256(abc))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('the double SHA-256 of nothing is the one known from Bitcoin', () => {
  expect(toHex(hash256(new Uint8Array()))).toBe(
    '5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456',
  )
})

test('the HASH160 of the generator is the one in BIP173', () => {
  const generator = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798')
  expect(toHex(hash160(generator))).toBe('751e76e8199196d454941c45d1b3a323f1433bd6')
})

test('a tagged hash is the hash of the tag, twice, and the message', () => {
  const tag = sha256(new TextEncoder().encode('TapTweak'))
  expect(taggedHash('TapTweak', abc)).toEqual(sha256(Uint8Array.of(...tag, ...tag, ...abc)))
  expect(taggedHash('TapTweak', abc)).not.toEqual(taggedHash('TapLeaf', abc))
})
