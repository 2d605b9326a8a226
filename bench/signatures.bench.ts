/**
 * Signatures made and checked: by `@noble/curves`, by native code, and by native code on threads.
 *
 * The groups with native code are left out where it does not load.
 */
import type { SignatureCheck } from '@chain/core/consensus'
import {
  publicKeyFromPrivate,
  sha256,
  signEcdsa,
  signSchnorr,
  verifyEcdsa,
  verifySchnorr,
  xOnlyPublicKey,
} from '@chain/core/crypto'
import { OperationalError } from '@chain/core/errors'
import { createVerifier, defaultThreads, loadNativeEngine } from '@chain/verifier'
import type { BenchGroup, MakeBenches } from './measure.ts'

const key = sha256(Uint8Array.of(1))
const publicKey = publicKeyFromPrivate(key)
const xOnly = xOnlyPublicKey(key)

/** Checks of one run of a verifier: what a large block has. */
const LIST = 5_000

/** Different signatures; a list of checks has them over and over again. */
const DIFFERENT = 250

export const makeBenches: MakeBenches = () => {
  const groups = [benchNoble()]
  try {
    groups.push(benchNative(), benchVerifiers())
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    console.log(`\n${error.message}`)
  }
  return groups
}

function benchNoble(): BenchGroup {
  const digest = sha256(Uint8Array.of(2))
  const ecdsa = signEcdsa(digest, key)
  const schnorr = signSchnorr(digest, key)
  return {
    title: 'Signatures by @noble/curves',
    work: [1, 'signatures'],
    cases: [
      { name: 'verify ECDSA', run: () => verifyEcdsa(digest, publicKey, ecdsa) },
      { name: 'verify Schnorr', run: () => verifySchnorr(digest, xOnly, schnorr) },
      { name: 'sign ECDSA', run: () => signEcdsa(digest, key) },
      { name: 'sign Schnorr', run: () => signSchnorr(digest, key) },
    ],
  }
}

/** @throws {OperationalError} `native-crypto-unavailable` */
function benchNative(): BenchGroup {
  const native = loadNativeEngine()
  const digest = sha256(Uint8Array.of(2))
  const ecdsa = signEcdsa(digest, key)
  const schnorr = signSchnorr(digest, key)
  return {
    title: 'Signatures by libsecp256k1',
    work: [1, 'signatures'],
    cases: [
      { name: 'verify ECDSA', run: () => native.verifyEcdsa(digest, publicKey, ecdsa) },
      { name: 'verify Schnorr', run: () => native.verifySchnorr(digest, xOnly, schnorr) },
    ],
  }
}

function benchVerifiers(): BenchGroup {
  const signed = Array.from({ length: DIFFERENT }, (_, index): SignatureCheck => {
    const digest = sha256(Uint8Array.of(index))
    const signature = signEcdsa(digest, key)
    return { algorithm: 'ecdsa', digest, publicKey, signature, txid: digest, inputIndex: 0 }
  })
  const checks = Array.from({ length: LIST }, (_, index) => signed[index % DIFFERENT] as SignatureCheck)
  const counts = [0, ...new Set([1, defaultThreads()])]
  return {
    title: `Lists of ${LIST.toLocaleString('en')} ECDSA signatures`,
    work: [LIST, 'signatures'],
    cases: counts.map((threads) => {
      const verifier = createVerifier({ threads, engine: 'native' })
      return { name: verifier.name, run: () => verifier.findInvalid(checks) }
    }),
  }
}
