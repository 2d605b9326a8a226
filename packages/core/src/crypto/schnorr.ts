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
  const { Fn } = secp256k1.Point
  const point = secp256k1.Point.BASE.multiply(Fn.fromBytes(privateKey)).toAffine()
  const secret = Fn.fromBytes(privateKey)
  const even = (point.y & 1n) === 0n ? secret : Fn.neg(secret)
  const tweak = Fn.create(bigintFromBytes(taggedHash('TapTweak', bigintToBytes(point.x, 32))))
  return Fn.toBytes(Fn.add(even, tweak))
}
