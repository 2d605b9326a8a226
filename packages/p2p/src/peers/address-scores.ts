/**
 * What the addresses of peers have lost by their peers' faults, so that a new peer id is no fresh start: an address that
 * has lost too much gets no new connection until half of it, or as much as is needed, is forgiven.
 *
 * Slowness costs an address nothing, one bad peer does not keep its neighbours out, connections that are open stay, and
 * nothing outlives a restart: many honest nodes may share one address. Not counted are nodes on this machine. Pure: the
 * clock is handed in.
 *
 * Source: docs/protocol/peers.md#bans
 */
import type { Multiaddr } from '@multiformats/multiaddr'
import { addressGroup, ipOf, isLoopbackIp } from './addresses.ts'
import { peerLimits } from './peer-limits.ts'
import { type PenaltyReason, penalties, ScoreBook } from './score.ts'

/** An address with less than this is refused. */
export const addressScore = -50

/** Faults of fewer points cost only the peer: a slow one makes them too. */
const leastPoints = 10

/** Scores by address group. Bound: those of a {@link ScoreBook}, and as many peers whose address is known. */
export class AddressScores {
  readonly #scores = new ScoreBook()
  /** The address group that a peer came from last, the one heard of longest ago first. */
  readonly #groups = new Map<string, string>()

  /** A peer is at this address. */
  learn(peerId: string, address: Multiaddr): void {
    const group = groupOf(ipOf(address))
    this.#groups.delete(peerId)
    if (group === undefined) return
    this.#groups.set(peerId, group)
    const [oldest] = this.#groups.keys()
    if (this.#groups.size > peerLimits.scores && oldest !== undefined) this.#groups.delete(oldest)
  }

  /** Takes the points of a peer's fault from the address that it came from last. */
  penalise(peerId: string, reason: PenaltyReason, now: number): void {
    const group = this.#groups.get(peerId)
    if (group !== undefined && penalties[reason] >= leastPoints) this.#scores.penalise(group, reason, now)
  }

  /** Whether an IP address gets no new connection at `now`. */
  isRefused(ip: string, now: number): boolean {
    const group = groupOf(ip)
    return group !== undefined && this.#scores.get(group, now) < addressScore
  }
}

function groupOf(ip: string | undefined): string | undefined {
  return ip === undefined || isLoopbackIp(ip) ? undefined : addressGroup(ip)
}
