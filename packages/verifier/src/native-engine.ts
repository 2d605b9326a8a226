/**
 * libsecp256k1 through the prebuilt binding of npm's `secp256k1`: about twenty times as fast as `@noble/curves`.
 *
 * It decides nothing by itself that is out of the ordinary: where the library refuses to compute (a key that is no point,
 * a number out of range, the point at infinity), `@noble/curves` judges, so that both have one verdict on everything.
 *
 * The binding is loaded past the package's main entry, which would fall back to a slow library in JavaScript.
 *
 * Source: BIP340, "Verification"; SEC 1, 4.1.6, "Public Key Recovery Operation"; docs/decisions/0012-native-signatures.md
 */
import { createRequire } from 'node:module'
import { type Bytes, concatBytes, equalBytes } from '@chain/core/bytes'
import { decodeStrictDer, taggedHash, verifyEcdsa, verifySchnorr } from '@chain/core/crypto'
import type { Engine } from './engine.ts'
import { nativeCryptoUnavailable } from './errors.ts'

/** The binding is a CommonJS module. */
const require = createRequire(import.meta.url)

/** What we use of the binding. Its functions throw on numbers out of range and on what is no point. */
interface Binding {
  /** Whether 32 bytes are a number from 1 to the group order less one. */
  privateKeyVerify(number: Uint8Array): boolean
  /** Multiplies 32 bytes in place, modulo the group order, by a number from 1 to the group order less one. */
  privateKeyTweakMul(number: Uint8Array, factor: Uint8Array): Uint8Array
  /** ECDSA; high S is refused. */
  ecdsaVerify(compact: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean
  /** The compressed point that an ECDSA signature was made for, written to `output`. */
  ecdsaRecover(
    compact: Uint8Array,
    recoveryId: number,
    digest: Uint8Array,
    compressed: true,
    output: Uint8Array,
  ): Uint8Array
}

/**
 * The native engine.
 *
 * @throws {OperationalError} `native-crypto-unavailable`
 */
export function loadNativeEngine(): Engine {
  const binding = loadBinding()
  return {
    name: 'native',
    title: 'secp256k1 (native)',
    turn: 16,
    verifyEcdsa: createVerifyEcdsa(binding),
    verifySchnorr: createVerifySchnorr(binding),
  }
}

function loadBinding(): Binding {
  try {
    return require('secp256k1/bindings') as Binding
  } catch (error) {
    throw nativeCryptoUnavailable(error)
  }
}

function createVerifyEcdsa(binding: Binding): Engine['verifyEcdsa'] {
  return (digest, publicKey, signature) => {
    const compact = decodeStrictDer(signature)
    if (compact === undefined || digest.length !== 32 || publicKey.length !== 33) return false
    try {
      return binding.ecdsaVerify(compact, digest, publicKey)
    } catch {
      // r or s out of range, or no point.
      return verifyEcdsa(digest, publicKey, signature)
    }
  }
}

/**
 * Computes `R = s·G - e·P` by one key recovery, which is the only operation of the binding that adds multiples of two
 * points at the price of one ECDSA verification.
 *
 * Recovering from a signature `(r', s')` of `z` yields `Q = (s'·X - z·G) / r'`, where X is the point with x = r' and,
 * with the recovery id 0, an even y. For r' = px that point is the P of BIP340. With `s' = e·px` and `z = s·px` (modulo
 * the group order n) it is `Q = e·P - s·G = -R`. The signature is right if R has the x that it states and an even y: if Q,
 * compressed, is 03 and that x. A stated x that is not below the field's prime equals no x of a point.
 *
 * This holds for px and s from 1 to n - 1. Everything else goes the other way: it is judged by `@noble/curves`.
 */
function createVerifySchnorr(binding: Binding): Engine['verifySchnorr'] {
  const compact = new Uint8Array(64)
  const scaledChallenge = compact.subarray(32)
  const scaledS = new Uint8Array(32)
  const point = new Uint8Array(33)
  const recover = (digest: Bytes, publicKey: Bytes, signature: Bytes): boolean => {
    compact.set(publicKey)
    scaledChallenge.set(challenge(digest, publicKey, signature))
    binding.privateKeyTweakMul(scaledChallenge, compact.subarray(0, 32))
    scaledS.set(signature.subarray(32))
    binding.privateKeyTweakMul(scaledS, compact.subarray(0, 32))
    binding.ecdsaRecover(compact, 0, scaledS, true, point)
    return point[0] === 3 && equalBytes(point.subarray(1), signature.subarray(0, 32))
  }
  return (digest, publicKey, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    try {
      // An s out of range would be reduced by the multiplication; a px out of range makes it throw.
      if (binding.privateKeyVerify(signature.subarray(32))) return recover(digest, publicKey, signature)
    } catch {
      // px is out of range or the x of no point, or e is 0, or R is the point at infinity.
    }
    return verifySchnorr(digest, publicKey, signature)
  }
}

/** e, not reduced: the tagged hash of R's x, P's x and the message. */
function challenge(digest: Bytes, publicKey: Bytes, signature: Bytes): Uint8Array {
  return taggedHash('BIP0340/challenge', concatBytes(signature.subarray(0, 32), publicKey, digest))
}
