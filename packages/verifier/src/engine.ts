/**
 * What computes whether a signature is right, in the thread that asks.
 *
 * Every engine gives the same verdict on the same bytes, whatever they are; engines differ in speed. Not for lists of
 * checks (`findFirstInvalid`) nor for threads (`verifier-pool.ts`).
 */
import type { Bytes } from '@chain/core/bytes'
import type { SignatureCheck } from '@chain/core/consensus'
import { verifyEcdsa, verifySchnorr } from '@chain/core/crypto'

/** Which engine: native code, or `@noble/curves`. */
export type EngineName = 'native' | 'noble'

/** Judges signatures. The functions never throw because of the bytes they are given. */
export interface Engine {
  readonly name: EngineName
  /** For people. */
  readonly title: string
  /** How many checks an event loop can wait for: they take at most two milliseconds or so. */
  readonly turn: number
  /** Whether `signature` (strict DER, low S) of `digest` (32 bytes) is that of `publicKey` (33 bytes). */
  readonly verifyEcdsa: (digest: Bytes, publicKey: Bytes, signature: Bytes) => boolean
  /** Whether `signature` (64 bytes) of `digest` is that of the x-only `publicKey` (32 bytes). Source: BIP340. */
  readonly verifySchnorr: (digest: Bytes, publicKey: Bytes, signature: Bytes) => boolean
}

/** What is judged: a check without the place where it was found. */
export type SignedDigest = Pick<SignatureCheck, 'algorithm' | 'digest' | 'publicKey' | 'signature'>

/** Core's own verification, by `@noble/curves`: about a thousand signatures a second, everywhere. */
export const nobleEngine: Engine = { name: 'noble', title: 'noble', turn: 2, verifyEcdsa, verifySchnorr }

/** Whether one signature is right. One of a digest that has not 32 bytes never is. */
export function isRight(engine: Engine, { algorithm, digest, publicKey, signature }: SignedDigest): boolean {
  if (digest.length !== 32) return false
  return algorithm === 'ecdsa'
    ? engine.verifyEcdsa(digest, publicKey, signature)
    : engine.verifySchnorr(digest, publicKey, signature)
}

/** Position of the first check that fails, or `undefined`; checks those from `start` up to and without `end`. */
export function findFirstInvalid(
  engine: Engine,
  checks: readonly SignedDigest[],
  start = 0,
  end: number = checks.length,
): number | undefined {
  for (let position = start; position < end; position++) {
    if (!isRight(engine, checks[position] as SignedDigest)) return position
  }
  return undefined
}
