/**
 * What a peer's behaviour is worth: points that are taken for faults and come back with time.
 *
 * A score is 0 for a stranger and for everybody who behaves; every ten minutes half of what is missing is forgiven.
 * Pure: the clock is handed in. Not for what follows from a score (`peer-set.ts`).
 *
 * Source: docs/protocol/peers.md#score
 */
import type { KnownPeer } from '../ports.ts'
import { peerLimits } from './peer-limits.ts'

/** Points that a fault costs. 50 ban at once; 25 disconnect at once, for about three minutes. */
export const penalties = {
  /** A block that breaks a rule, though its proof of work may hold. */
  'invalid-block': 50,
  /** A header that breaks a rule. */
  'invalid-header': 50,
  /** A transaction that breaks a rule; policy is no rule. */
  'invalid-transaction': 25,
  /** Bytes that are no message, an answer to another question, messages out of turn. */
  'protocol-violation': 25,
  /** Another genesis block, or a clock that is far off. */
  'irrelevant-network': 25,
  /** A block or transaction that nobody asked for. */
  'unrequested-data': 10,
  /** It told or asked far more than honest peers do. */
  excess: 5,
  /** It announced what it then did not have. */
  'broken-promise': 5,
  /** It did not answer, or did not take what we sent, in time. */
  timeout: 5,
} as const

/** Why points are taken. */
export type PenaltyReason = keyof typeof penalties

/** A peer with this score or less is disconnected, and not accepted until it has recovered. */
export const disconnectScore = -20

/** A peer with this score or less is banned. */
export const banScore = -50

/** Nobody gets lower than this. */
export const lowestScore = -100

/** Nobody gets lower than this by being late: honest peers with too much to do are, and all of them at once when it is we who have too much to do. */
const lowestOfLate = -25

/** Milliseconds in which half of the missing points come back. */
export const scoreHalfLife = 600_000

/** A score after some milliseconds without faults. */
export function decayScore(score: number, milliseconds: number): number {
  return score * 2 ** (-Math.max(0, milliseconds) / scoreHalfLife)
}

/** The score of a known peer at `now`: what was written down was its score when it was last there, or tried, at the latest. */
export function savedScore(
  { score, firstSeen, lastAttempt = 0, lastSuccess = 0 }: KnownPeer,
  now: number,
): number {
  return decayScore(score, now - Math.max(firstSeen, lastAttempt, lastSuccess))
}

interface Mark {
  readonly score: number
  /** When it was `score`. */
  readonly at: number
}

/** The scores of peers, by peer id, in milliseconds of a clock that never goes back. Bound: `peerLimits.scores`; the score nearest to zero goes first. */
export class ScoreBook {
  readonly #marks = new Map<string, Mark>()

  /** The score at `now`, 0 for a stranger. */
  get(peerId: string, now: number): number {
    const mark = this.#marks.get(peerId)
    return mark === undefined ? 0 : decayScore(mark.score, now - mark.at)
  }

  /** Takes the points of a fault and returns the new score. */
  penalise(peerId: string, reason: PenaltyReason, now: number): number {
    const before = this.get(peerId, now)
    const lowest = reason === 'timeout' ? Math.min(before, lowestOfLate) : lowestScore
    const score = Math.max(lowest, before - penalties[reason])
    this.set(peerId, score, now)
    return score
  }

  /** Sets a score: from before a restart, or 0 to forgive. */
  set(peerId: string, score: number, now: number): void {
    this.#marks.delete(peerId)
    if (score === 0) return
    this.#marks.set(peerId, { score, at: now })
    if (this.#marks.size > peerLimits.scores) this.#forgetOne(now)
  }

  #forgetOne(now: number): void {
    const distance = ([peerId]: [string, Mark]): number => Math.abs(this.get(peerId, now))
    const [nearest] = [...this.#marks].reduce((a, b) => (distance(b) < distance(a) ? b : a))
    this.#marks.delete(nearest)
  }
}
