/**
 * Signatures to judge: right ones, right ones with extreme numbers, and every kind of wrong one that somebody could send.
 */
import { bigintFromBytes, concatBytes } from '@chain/core/bytes'
import type { SignatureCheck } from '@chain/core/consensus'
import { sha256, signEcdsa, signSchnorr, taggedHash } from '@chain/core/crypto'
import { testKey } from '@chain/core/testing'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc, { type Arbitrary } from 'fast-check'
import type { SignedDigest } from '../src/engine.ts'
import { boundaries, bytes32, encodeDer, modOrder, ORDER } from './numbers.ts'

const { BASE, Fn } = secp256k1.Point

const keys = Array.from({ length: 16 }, (_, index) => {
  const { privateKey, publicKey } = testKey(`signer ${index}`)
  return { privateKey, secret: bigintFromBytes(privateKey), publicKey, xOnly: publicKey.subarray(1) }
})

type Key = (typeof keys)[number]

const anyKey = fc.constantFrom(...keys)
const anyBytes = (length: number): Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const anyNumber: Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...boundaries),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
)
/** From 1 to the order less one. */
const anyScalar: Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(1n, 2n, ORDER >> 1n, ORDER - 1n),
  fc.bigInt({ min: 1n, max: ORDER - 1n }),
)
const anyLowScalar: Arbitrary<bigint> = anyScalar.map((s) => (s > ORDER >> 1n ? ORDER - s : s))
const anyDigest: Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: anyBytes(32), weight: 4 },
  { arbitrary: anyNumber.map(bytes32), weight: 1 },
)

/** Right, as wallets make them. */
export const rightEcdsa: Arbitrary<SignedDigest> = fc
  .record({ key: anyKey, digest: anyDigest })
  .map(({ key, digest }) => ecdsa(digest, key.publicKey, signEcdsa(digest, key.privateKey)))

/** Right, as wallets make them. */
export const rightSchnorr: Arbitrary<SignedDigest> = fc
  .record({ key: anyKey, digest: anyDigest })
  .map(({ key, digest }) => schnorrOf(digest, key.xOnly, signSchnorr(digest, key.privateKey)))

/** Right, with numbers that no wallet would make: the key is found for any r, low s and digest. */
const extremeEcdsa: Arbitrary<SignedDigest> = fc
  .record({ nonce: anyScalar, s: anyLowScalar, digest: anyDigest })
  .filter(({ nonce, s, digest }) => modOrder(s * nonce) !== modOrder(bigintFromBytes(digest)))
  .map(({ nonce, s, digest }) => {
    const point = BASE.multiply(nonce)
    const r = modOrder(point.toAffine().x)
    const z = modOrder(bigintFromBytes(digest))
    const key = BASE.multiply(modOrder((s * nonce - z) * Fn.inv(r)))
    return ecdsa(digest, key.toBytes(true), encodeDer(r, s))
  })

/** Wrong: the point of ECDSA is that at infinity. */
const infiniteEcdsa: Arbitrary<SignedDigest> = fc
  .record({ key: anyKey, r: anyScalar, s: anyLowScalar })
  .map(({ key, r, s }) => ecdsa(bytes32(modOrder(-r * key.secret)), key.publicKey, encodeDer(r, s)))

/** Any two numbers as r and s; among them the high S of a right signature. */
const numbersEcdsa: Arbitrary<SignedDigest> = fc
  .record({ right: rightEcdsa, r: fc.option(anyNumber), s: fc.option(anyNumber), isNegated: fc.boolean() })
  .map(({ right, r, s, isNegated }) => {
    const signed = secp256k1.Signature.fromBytes(right.signature, 'der')
    const otherS = s ?? (isNegated ? ORDER - signed.s : signed.s)
    return { ...right, signature: encodeDer(r ?? signed.r, otherS) }
  })

const challengeOf = (r: Uint8Array, { xOnly }: Key, digest: Uint8Array): bigint =>
  modOrder(bigintFromBytes(taggedHash('BIP0340/challenge', concatBytes(r, xOnly, digest))))

/** The secret of the key with an even y. */
const evenSecret = ({ secret, publicKey }: Key): bigint => (publicKey[0] === 2 ? secret : ORDER - secret)

/** Signed with any nonce: right where its point has an even y, wrong where it has not. */
const nonceSchnorr: Arbitrary<SignedDigest> = fc
  .record({ key: anyKey, nonce: anyScalar, digest: anyDigest })
  .map(({ key, nonce, digest }) => {
    const r = BASE.multiply(nonce).toBytes(true).subarray(1)
    const s = modOrder(nonce + challengeOf(r, key, digest) * evenSecret(key))
    return schnorrOf(digest, key.xOnly, concatBytes(r, bytes32(s)))
  })

/** Wrong: R is the point at infinity, whatever r says. */
const infiniteSchnorr: Arbitrary<SignedDigest> = fc
  .record({ key: anyKey, r: fc.oneof(anyNumber.map(bytes32), anyBytes(32)), digest: anyDigest })
  .map(({ key, r, digest }) => {
    const s = modOrder(challengeOf(r, key, digest) * evenSecret(key))
    return schnorrOf(digest, key.xOnly, concatBytes(r, bytes32(s)))
  })

/** Any numbers as r, s and key; s also beyond the order, where it would be right modulo the order. */
const numbersSchnorr: Arbitrary<SignedDigest> = fc
  .record({ right: rightSchnorr, r: fc.option(anyNumber), s: fc.option(anyNumber), x: fc.option(anyNumber) })
  .map(({ right, r, s, x }) => ({
    ...right,
    publicKey: x === null ? right.publicKey : bytes32(x),
    signature: concatBytes(
      r === null ? right.signature.subarray(0, 32) : bytes32(r),
      s === null ? right.signature.subarray(32) : bytes32(s),
    ),
  }))

/** A key that is not the signer's: another one, the x of no point, out of range, of another length. */
const anyOtherKey: Arbitrary<Uint8Array> = fc.oneof(
  anyKey.map(({ publicKey }) => publicKey),
  fc
    .record({ prefix: fc.integer({ min: 0, max: 8 }), x: fc.oneof(anyNumber.map(bytes32), anyBytes(32)) })
    .map(({ prefix, x }) => Uint8Array.of(prefix, ...x)),
  fc.uint8Array({ maxLength: 70 }),
)

const ofOtherKey: Arbitrary<SignedDigest> = fc
  .record({ right: fc.oneof(rightEcdsa, rightSchnorr), key: anyOtherKey, isCut: fc.boolean() })
  .map(({ right, key, isCut }) => ({ ...right, publicKey: isCut ? key.subarray(1) : key }))

/** The signer's key in another form: uncompressed, hybrid, x-only, or with a prefix of any kind. */
const ofOtherForm: Arbitrary<SignedDigest> = fc
  .record({
    right: fc.oneof(rightEcdsa, rightSchnorr),
    prefix: fc.integer({ min: 0, max: 8 }),
    isLong: fc.boolean(),
    isCut: fc.boolean(),
  })
  .map(({ right, prefix, isLong, isCut }) => {
    const own = right.algorithm === 'ecdsa' ? right.publicKey : concatBytes(Uint8Array.of(2), right.publicKey)
    const key = secp256k1.Point.fromBytes(own).toBytes(!isLong)
    key[0] = prefix
    return { ...right, publicKey: isCut ? key.subarray(1) : key }
  })

const fields = ['digest', 'publicKey', 'signature'] as const

/** One bit of one field is another. */
const flipped: Arbitrary<SignedDigest> = fc
  .record({
    right: fc.oneof(rightEcdsa, rightSchnorr),
    field: fc.constantFrom(...fields),
    at: fc.nat(0xffff),
    bit: fc.nat(7),
  })
  .map(({ right, field, at, bit }) => {
    const bytes = Uint8Array.from(right[field])
    const index = at % bytes.length
    bytes[index] = (bytes[index] as number) ^ (1 << bit)
    return { ...right, [field]: bytes }
  })

/** Bytes are missing, too many, doubled or set, most often where DER has its lengths and tags. */
const reshaped: Arbitrary<SignedDigest> = fc
  .record({
    right: fc.oneof({ arbitrary: rightEcdsa, weight: 3 }, { arbitrary: rightSchnorr, weight: 1 }),
    at: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 36, 37, 38, 39), fc.nat(80)),
    removed: fc.nat(3),
    added: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom(Uint8Array.of(0), Uint8Array.of(0x81, 70)),
    ),
    growth: fc.integer({ min: -2, max: 2 }),
  })
  .map(({ right, at, removed, added, growth }) => {
    const { signature } = right
    const bytes = concatBytes(signature.subarray(0, at), added, signature.subarray(at + removed))
    if (right.algorithm === 'ecdsa' && bytes.length > 1) bytes[1] = (bytes[1] as number) + growth
    return { ...right, signature: bytes }
  })

/** Either a digest or a signature of any bytes. */
const noise: Arbitrary<SignedDigest> = fc.record({
  algorithm: fc.constantFrom('ecdsa', 'schnorr'),
  digest: anyBytes(32),
  publicKey: fc.oneof(anyBytes(32), anyBytes(33)),
  signature: fc.oneof(fc.uint8Array({ maxLength: 80 }), anyBytes(64)),
})

/** What an ECDSA or a Schnorr signature can be, right or wrong. */
export const anySignedDigest: Arbitrary<SignedDigest> = fc.oneof(
  rightEcdsa,
  extremeEcdsa,
  infiniteEcdsa,
  numbersEcdsa,
  rightSchnorr,
  nonceSchnorr,
  infiniteSchnorr,
  numbersSchnorr,
  { arbitrary: ofOtherKey, weight: 2 },
  ofOtherForm,
  { arbitrary: flipped, weight: 4 },
  { arbitrary: reshaped, weight: 3 },
  noise,
)

/** A list of different right signatures of both kinds, always the same one. */
export function rightChecks(count: number): SignatureCheck[] {
  return Array.from({ length: count }, (_, index) => {
    const { privateKey, publicKey, xOnly } = keys[index % keys.length] as Key
    const digest = sha256(Uint8Array.of(index, index >> 8))
    return checkOf(
      index % 4 === 3
        ? schnorrOf(digest, xOnly, signSchnorr(digest, privateKey))
        : ecdsa(digest, publicKey, signEcdsa(digest, privateKey)),
    )
  })
}

/** The check of a signature that stands somewhere. */
export function checkOf(signed: SignedDigest): SignatureCheck {
  return { ...signed, txid: signed.digest, inputIndex: 0 }
}

/** The list with other checks at some positions, which are wrong: they are of another digest. */
export function withWrong(
  checks: readonly SignatureCheck[],
  ...positions: readonly number[]
): SignatureCheck[] {
  const changed = [...checks]
  for (const position of positions) {
    const check = checks[position] as SignatureCheck
    changed[position] = { ...check, digest: sha256(check.digest) }
  }
  return changed
}

/** The list over and over again, up to a length. */
export function repeated(checks: readonly SignatureCheck[], length: number): SignatureCheck[] {
  return Array.from({ length }, (_, index) => checks[index % checks.length] as SignatureCheck)
}

function ecdsa(digest: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): SignedDigest {
  return { algorithm: 'ecdsa', digest, publicKey, signature }
}

function schnorrOf(digest: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): SignedDigest {
  return { algorithm: 'schnorr', digest, publicKey, signature }
}
