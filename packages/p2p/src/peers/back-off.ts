/**
 * How long to wait before a peer that could not be reached is dialled again, and when to stop trying. Pure: randomness
 * and the clock are handed in.
 */
import type { KnownPeer } from '../ports.ts'

/** Bounds of the wait, in milliseconds. */
export interface BackOff {
  /** After the first failure; doubled by each further one. */
  readonly first: number
  /** The longest. */
  readonly longest: number
}

/** For peers that discovery found. */
export const peerBackOff: BackOff = { first: 1_000, longest: 1_800_000 }

/** For addresses that the operator or the chain spec names: never given up. */
export const fixedBackOff: BackOff = { first: 1_000, longest: 60_000 }

/**
 * Milliseconds to wait after so many failures in a row, between half and one and a half times the plain doubling.
 *
 * @param failures - 0 waits as after the first
 * @param random - from 0 to 1, so that nodes which lost the same peer do not return in step
 */
export function backOffDelay({ first, longest }: BackOff, failures: number, random: number): number {
  const plain = Math.min(longest, first * 2 ** Math.min(30, Math.max(0, failures - 1)))
  return Math.round(plain * (0.5 + random))
}

/** Failures in a row after which a peer that was never reached is forgotten. */
export const strangerAttempts = 3

/** Failures in a row, and milliseconds since it was last reached, after which a peer is forgotten: both must hold. */
export const acquaintanceAttempts = 10
const acquaintanceAge = 7 * 86_400_000

/** Whether a peer failed so often and for so long that it is not worth another attempt. */
export function isGivenUp({ failures, lastSuccess }: KnownPeer, now: number): boolean {
  if (lastSuccess === undefined) return failures >= strangerAttempts
  return failures >= acquaintanceAttempts && now - lastSuccess > acquaintanceAge
}
