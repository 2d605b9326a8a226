/** Signatures made and checked in the calling thread. */
import {
  publicKeyFromPrivate,
  sha256,
  signEcdsa,
  signSchnorr,
  verifyEcdsa,
  verifySchnorr,
  xOnlyPublicKey,
} from '@chain/core/crypto'
import type { MakeBenches } from './measure.ts'

export const makeBenches: MakeBenches = () => {
  const key = sha256(Uint8Array.of(1))
  const digest = sha256(Uint8Array.of(2))
  const publicKey = publicKeyFromPrivate(key)
  const xOnly = xOnlyPublicKey(key)
  const ecdsa = signEcdsa(digest, key)
  const schnorr = signSchnorr(digest, key)
  return [
    {
      title: 'Signatures by @noble/curves',
      work: [1, 'signatures'],
      cases: [
        { name: 'verify ECDSA', run: () => verifyEcdsa(digest, publicKey, ecdsa) },
        { name: 'verify Schnorr', run: () => verifySchnorr(digest, xOnly, schnorr) },
        { name: 'sign ECDSA', run: () => signEcdsa(digest, key) },
        { name: 'sign Schnorr', run: () => signSchnorr(digest, key) },
      ],
    },
  ]
}
