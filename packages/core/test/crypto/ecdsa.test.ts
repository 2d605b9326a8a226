import { bigintFromBytes, bigintToBytes } from '@chain/core/bytes'
import {
  decodeStrictDer,
  isCompressedPublicKey,
  isPrivateKey,
  publicKeyFromPrivate,
  sha256,
  signEcdsa,
  signSchnorr,
  tweakPrivateKey,
  verifyEcdsa,
  verifySchnorr,
  xOnlyPublicKey,
} from '@chain/core/crypto'
import { testKey } from '@chain/core/testing'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { describe, expect, test } from 'vitest'

const key = testKey('signer')
const digest = sha256(Uint8Array.of(1))
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** DER of two numbers, padded as DER asks. */
function der(r: bigint, s: bigint): Uint8Array {
  const parts = [r, s].map((value) => {
    const digits = [...bigintToBytes(value, 32)]
    while (digits.length > 1 && digits[0] === 0) digits.shift()
    if ((digits[0] as number) >= 0x80) digits.unshift(0)
    return [2, digits.length, ...digits]
  })
  const body = parts.flat()
  return Uint8Array.of(0x30, body.length, ...body)
}

describe('ECDSA', () => {
  const signature = signEcdsa(digest, key.privateKey)
  const compact = decodeStrictDer(signature) as Uint8Array
  const [r, s] = [bigintFromBytes(compact.subarray(0, 32)), bigintFromBytes(compact.subarray(32))]

  test('verifies what it signed, and signs the same twice', () => {
    expect(verifyEcdsa(digest, key.publicKey, signature)).toBe(true)
    expect(signEcdsa(digest, key.privateKey)).toEqual(signature)
    expect(der(r, s)).toEqual(signature)
  })

  test('refuses the other S, which is high', () => {
    expect(verifyEcdsa(digest, key.publicKey, der(r, ORDER - s))).toBe(false)
    expect(decodeStrictDer(der(r, ORDER - s))).toBeUndefined()
  })

  test('takes an S of exactly half the order for low, and one more for high', () => {
    expect(decodeStrictDer(der(r, ORDER / 2n))).toBeDefined()
    expect(decodeStrictDer(der(r, ORDER / 2n + 1n))).toBeUndefined()
  })

  test.each([
    ['r of zero', der(0n, s)],
    ['s of zero', der(r, 0n)],
    ['r of the group order', der(ORDER, s)],
    ['nothing', new Uint8Array()],
    ['a byte behind', Uint8Array.of(...signature, 0)],
    ['a byte too few', signature.subarray(0, -1)],
    ['another digest', signEcdsa(sha256(digest), key.privateKey)],
  ])('is not fooled by %s', (_, bytes) => {
    expect(verifyEcdsa(digest, key.publicKey, bytes)).toBe(false)
  })

  test.each([
    ['of somebody else', testKey('other').publicKey],
    ['that is no point', Uint8Array.of(2, ...new Uint8Array(32).fill(0xff))],
    ['that is empty', new Uint8Array()],
    ['that is not compressed', secp256k1.getPublicKey(key.privateKey, false)],
  ])('is not fooled by a public key %s', (_, publicKey) => {
    expect(verifyEcdsa(digest, publicKey, signature)).toBe(false)
  })

  test('refuses a digest of another length', () => {
    expect(verifyEcdsa(digest.subarray(1), key.publicKey, signature)).toBe(false)
  })
})

describe('Schnorr', () => {
  const publicKey = xOnlyPublicKey(key.privateKey)
  const signature = signSchnorr(digest, key.privateKey)

  test('verifies what it signed', () => {
    expect(verifySchnorr(digest, publicKey, signature)).toBe(true)
    expect(verifySchnorr(sha256(digest), publicKey, signature)).toBe(false)
  })

  test.each([
    ['a signature of 65 bytes', publicKey, Uint8Array.of(...signature, 1)],
    ['no signature', publicKey, new Uint8Array()],
    ['a key of 33 bytes', key.publicKey, signature],
    ['a key that is no point', new Uint8Array(32).fill(0xff), signature],
  ])('is not fooled by %s', (_, someKey, bytes) => {
    expect(verifySchnorr(digest, someKey, bytes)).toBe(false)
  })

  test('a tweaked key signs for the output key that it makes', () => {
    const tweaked = tweakPrivateKey(key.privateKey)
    expect(verifySchnorr(digest, xOnlyPublicKey(tweaked), signSchnorr(digest, tweaked))).toBe(true)
    expect(xOnlyPublicKey(tweaked)).not.toEqual(publicKey)
  })
})

describe('keys', () => {
  test.each([
    ['zero', 0n, false],
    ['one', 1n, true],
    ['the order less one', ORDER - 1n, true],
    ['the order', ORDER, false],
  ])('%s as a private key: %s', (_, value, expected) => {
    expect(isPrivateKey(bigintToBytes(value, 32))).toBe(expected)
  })

  test('private keys have 32 bytes', () => {
    expect(isPrivateKey(new Uint8Array(31).fill(1))).toBe(false)
    expect(isPrivateKey(new Uint8Array(33).fill(1))).toBe(false)
  })

  test('public keys are compressed', () => {
    expect(isCompressedPublicKey(publicKeyFromPrivate(key.privateKey))).toBe(true)
    expect(isCompressedPublicKey(new Uint8Array(33).fill(4))).toBe(false)
    expect(isCompressedPublicKey(new Uint8Array(32).fill(2))).toBe(false)
  })
})
