/**
 * Who is kept out, until when and why: peers by their id, machines by their IP address.
 *
 * Bans are part of the rows of known peers, so they outlive a restart; the ban of an IP address is a row of its own whose
 * id is `ip:` and the address. Bound: `peerLimits.bans`; the ban that ends first is lifted for a new one.
 *
 * Source: docs/protocol/peers.md#bans
 */
import type { KnownPeers } from './known-peers.ts'
import { peerLimits } from './peer-limits.ts'

/** A ban in force. */
export interface Ban {
  /** A peer id or an IP address. */
  readonly subject: string
  /** Unix milliseconds. */
  readonly until: number
  /** Unix milliseconds; absent from bans that an earlier version made. */
  readonly since?: number
  readonly reason: string
}

const ipPrefix = 'ip:'

/** Bans as the rows of known peers hold them. */
export class BanList {
  readonly #known: KnownPeers
  readonly #now: () => number

  /** `now` gives Unix milliseconds. */
  constructor(known: KnownPeers, now: () => number) {
    this.#known = known
    this.#now = now
  }

  /** Bans a peer id or an IP address for some milliseconds from now; a ban in force is replaced. */
  ban(subject: string, milliseconds: number, reason: string): void {
    const others = this.list().filter((ban) => ban.subject !== subject)
    if (others.length >= peerLimits.bans) {
      this.unban(others.reduce((a, b) => (b.until < a.until ? b : a)).subject)
    }
    const bannedSince = this.#now()
    const bannedUntil = Math.min(bannedSince + milliseconds, Number.MAX_SAFE_INTEGER)
    const banReason = reason === '' ? 'no reason given' : reason.slice(0, peerLimits.banReasonLength)
    this.#known.update(rowId(subject), { bannedUntil, bannedSince, banReason })
  }

  /** Lifts a ban; says whether there was one. */
  unban(subject: string): boolean {
    const id = rowId(subject)
    if (this.#known.get(id)?.bannedUntil === undefined) return false
    if (isIpRow(id)) this.#known.remove(id)
    else this.#known.update(id, { bannedUntil: undefined, bannedSince: undefined, banReason: undefined })
    return true
  }

  /** Whether a peer id or an IP address is banned now. */
  isBanned(subject: string): boolean {
    return (this.#known.get(rowId(subject))?.bannedUntil ?? 0) > this.#now()
  }

  /** The bans in force, the first to end first. */
  list(): Ban[] {
    const bans: Ban[] = []
    for (const { peerId, bannedUntil = 0, bannedSince, banReason = '' } of this.#known.list()) {
      if (bannedUntil <= this.#now()) continue
      const since = bannedSince === undefined ? {} : { since: bannedSince }
      bans.push({ subject: subjectOf(peerId), until: bannedUntil, ...since, reason: banReason })
    }
    return bans.sort((a, b) => a.until - b.until)
  }

  /** Removes what is left of bans that have ended. */
  prune(): void {
    const ended = [...this.#known.list()].filter(
      ({ bannedUntil }) => bannedUntil !== undefined && bannedUntil <= this.#now(),
    )
    for (const { peerId } of ended) this.unban(subjectOf(peerId))
  }
}

/** Whether a row of known peers is the ban of an IP address rather than a peer. */
export function isIpRow(id: string): boolean {
  return id.startsWith(ipPrefix)
}

function rowId(subject: string): string {
  return subject.includes('.') || subject.includes(':') ? `${ipPrefix}${subject}` : subject
}

function subjectOf(id: string): string {
  return isIpRow(id) ? id.slice(ipPrefix.length) : id
}
