/**
 * Schnorr signatures over secp256k1 and the taproot key tweak.
 *
 * Source: BIP340; BIP341, "Constructing and spending Taproot outputs".
 */
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js'
import { type Bytes, bigintFromBytes, bigintToBytes } from '../bytes/index.ts'
import { taggedHash } from './hash.ts'

/**
 * Whether `signature` (64 bytes) of `digest` (32 bytes) was made by the owner of the x-only `publicKey` (32 bytes).
 *
 * Anything malformed is simply not a signature: this never throws.
 */
export function verifySchnorr(digest: Bytes, publicKey: Bytes, signature: Bytes): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  return schnorr.verify(signature, digest, publicKey)
}

/**
 * A BIP340 signature: 64 bytes.
 *
 * @param digest - 32 bytes
 * @param privateKey - 32 bytes
 * @param auxiliary - 32 random bytes that harden the nonce; zeros are allowed by BIP340
 */
export function signSchnorr(
  digest: Bytes,
  privateKey: Bytes,
  auxiliary: Bytes = new Uint8Array(32),
): Uint8Array {
  return schnorr.sign(digest, privateKey, auxiliary)
}

/** The x-only public key (32 bytes) of a private key (32 bytes). */
export function xOnlyPublicKey(privateKey: Bytes): Uint8Array {
  return schnorr.getPublicKey(privateKey)
}

/**
 * The private key that spends the taproot output of an internal private key without script paths (BIP86).
 *
 * @param privateKey - 32 bytes
 */
export function tweakPrivateKey(privateKey: Bytes): Uint8Array {
  const { BASE, Fn } = secp256k1.Point
  const secret = Fn.fromBytes(privateKey)
  const point = BASE.multiply(secret).toAffine()
  const even = (point.y & 1n) === 0n ? secret : Fn.neg(secret)
  return Fn.toBytes(Fn.add(even, tapTweak(bigintToBytes(point.x, 32))))
}

/**
 * The taproot output key (32 bytes, x-only) of an internal public key without script paths (BIP86), or `undefined`
 * when the bytes are the x of no point.
 *
 * @param internalKey - 32 bytes, x-only
 */
export function tweakPublicKey(internalKey: Bytes): Uint8Array | undefined {
  const { BASE, Fp } = secp256k1.Point
  let point: InstanceType<typeof secp256k1.Point>
  try {
    point = schnorr.utils.lift_x(Fp.fromBytes(internalKey))
  } catch {
    // The library throws on a number outside of the field and on one that no point has as its x.
    return undefined
  }
  return schnorr.utils.pointToBytes(point.add(BASE.multiplyUnsafe(tapTweak(internalKey))))
}

/** Source: BIP341, "Constructing and spending Taproot outputs", for outputs without script paths. */
function tapTweak(internalKey: Bytes): bigint {
  return secp256k1.Point.Fn.create(bigintFromBytes(taggedHash('TapTweak', internalKey)))
}
