/**
 * Whom to ask for headers: the half of the sync planner that finds out which chain there is to follow.
 *
 * One peer that claims more work than we know is asked until it has no more. While it takes long, the next one is asked beside
 * it, up to a bound; when all of them take long, the one that has been silent longest is given up, or else one that goes on for
 * ever without showing enough work.
 *
 * Not for bodies (`blocks-plan.ts`), apart from how long they have to wait for headers.
 *
 * Source: docs/protocol/sync.md#peers
 */
import type { Work } from '@chain/core/units'
import type { PlannedPeer } from './planned-peer.ts'
import type { PlannedPeers } from './planned-peers.ts'
import type { ChainView, SyncAction, SyncEvent } from './sync-events.ts'

/** Bounds of requests for headers; times in milliseconds. */
export interface HeadersPlanLimits {
  /**
   * Peers that are asked for headers at once: when all of them take long and somebody else has some, the one that has been
   * silent longest is given up.
   */
  readonly headerRequests: number
  /**
   * How long a peer may go on sending headers that are not kept yet, batch after batch, while somebody else wants its place:
   * twice as long after each time that the same peer has taken longer.
   */
  readonly presyncTime: number
  /** The most that it becomes. */
  readonly longestPresyncTime: number
  /**
   * How long a request for headers holds up other such requests, and all of them together the bodies: four times as long as
   * the fastest peer took before, but at least this long; twice as long after each one that was given up.
   */
  readonly headersPatience: number
  /** The most that it becomes. */
  readonly longestHeadersPatience: number
}

/** A peer is silent that sends no headers for so many times as long as such a request holds up others. */
const SILENCE_FACTOR = 2

/** Requests for headers, from when they are made until they are answered or given up. */
export class HeadersPlan {
  readonly #peers: PlannedPeers
  readonly #limits: HeadersPlanLimits
  /** How long a request holds up others now. */
  #patience: number
  /** Since when requests that bring no work hold up the bodies. */
  #heldSince: number | undefined
  /** Work of the best header chain when it was last looked at. */
  #work: Work = 0n

  constructor(peers: PlannedPeers, limits: HeadersPlanLimits) {
    this.#peers = peers
    this.#limits = limits
    this.#patience = limits.headersPatience
  }

  /** A peer has sent headers, the last ones that it was asked for or not. */
  learnBatch(peer: PlannedPeer, now: number): void {
    const { headersRequest } = peer
    if (headersRequest === undefined) return
    this.#learnPace(peer, now - headersRequest.batchSince)
    headersRequest.batchSince = now
  }

  /** A peer has answered. */
  learnHeaders(
    peer: PlannedPeer,
    { tip, more, last }: Extract<SyncEvent, { type: 'headers-received' }>,
    now: number,
  ): void {
    this.learnBatch(peer, now)
    peer.headersRequest = undefined
    peer.askHeaders = false
    peer.hasHeaders = more
    peer.after = more ? last : undefined
    if (more) {
      if (tip.work > peer.tip.work) peer.tip = tip
      return
    }
    // It has shown all of its headers: that is what its claim was worth.
    if (tip.work < peer.tip.work) this.#peers.fail(peer, 'false-claims', now)
    else peer.learnHeadersSuccess()
    peer.tip = tip
  }

  /** What to do now, in this order. */
  plan({ work }: ChainView, now: number): SyncAction[] {
    if (this.#isWaiting(now)) return []
    const peer = this.#peers
      .rested(now)
      .find((each) => each.headersRequest === undefined && each.promisesHeaders(work))
    if (peer === undefined) return []
    const actions = this.#makeRoom(now)
    if (actions === undefined) return []
    peer.headersRequest = { since: now, batchSince: now }
    const { id, after } = peer
    const request = { type: 'get-headers', peer: id } as const
    return [...actions, after === undefined ? request : { ...request, after }]
  }

  /** Whether headers that may change which bodies are wanted are waited for, and not for too long. Called with each plan. */
  holdsBodies({ work }: ChainView, now: number): boolean {
    if (!this.#isWaiting(now) || work > this.#work) this.#heldSince = undefined
    this.#work = work
    if (!this.#isWaiting(now)) return false
    this.#heldSince ??= now
    return now - this.#heldSince < this.#patience
  }

  /** When time alone changes something, moments that are over among them. */
  moments(): number[] {
    const moments = this.#peers.list().flatMap((peer) => this.#momentsOf(peer))
    return this.#heldSince === undefined ? moments : [...moments, this.#heldSince + this.#patience]
  }

  /** When others are asked beside a peer, when it is late, and when it has taken too long. */
  #momentsOf(peer: PlannedPeer): number[] {
    if (peer.headersRequest === undefined) return []
    const { since, batchSince } = peer.headersRequest
    const patience = this.#patience
    return [since + patience, batchSince + SILENCE_FACTOR * patience, since + this.#presyncTime(peer)]
  }

  /** How long a peer may go on sending headers. */
  #presyncTime({ endlessHeaders }: PlannedPeer): number {
    const { presyncTime, longestPresyncTime } = this.#limits
    return Math.min(longestPresyncTime, presyncTime * 2 ** endlessHeaders)
  }

  /** Those who answer tell how long that takes; those who do not, say nothing about it. */
  #learnPace(peer: PlannedPeer, time: number): void {
    const { headersPatience, longestHeadersPatience } = this.#limits
    peer.headersTime = Math.min(time, peer.headersTime ?? time)
    const times = this.#peers.list().map(({ headersTime }) => headersTime ?? Number.POSITIVE_INFINITY)
    this.#patience = Math.min(longestHeadersPatience, Math.max(headersPatience, 4 * Math.min(...times)))
  }

  #isWaiting(now: number): boolean {
    return this.#peers
      .list()
      .some(
        ({ headersRequest }) => headersRequest !== undefined && now - headersRequest.since < this.#patience,
      )
  }

  /**
   * Gives up one of too many requests: the one that has been silent longest, or else one that has taken too long. Returns
   * `undefined` when none is to be given up.
   */
  #makeRoom(now: number): SyncAction[] | undefined {
    const asked = this.#peers.list().flatMap((peer) => {
      const { headersRequest } = peer
      return headersRequest === undefined ? [] : { peer, ...headersRequest }
    })
    if (asked.length < this.#limits.headerRequests) return []
    const silent = asked.reduce((a, b) => (b.batchSince < a.batchSince ? b : a))
    if (now - silent.batchSince >= SILENCE_FACTOR * this.#patience) {
      this.#giveUpSilent(silent.peer, now)
      return [{ type: 'cancel', request: 'get-headers', peer: silent.peer.id }]
    }
    const endless = asked.find(({ peer, since }) => now - since >= this.#presyncTime(peer))
    if (endless === undefined) return undefined
    this.#giveUpEndless(endless.peer, now)
    return [{ type: 'cancel', request: 'get-headers', peer: endless.peer.id }]
  }

  /** All that are asked take long, so that it may be our own line. */
  #giveUpSilent(peer: PlannedPeer, now: number): void {
    peer.endHeaders()
    this.#patience = Math.min(this.#limits.longestHeadersPatience, 2 * this.#patience)
    this.#peers.fail(peer, 'silence', now)
  }

  /** It answers as it should, and is not blamed; the next time it has longer, since its chain may be that long. */
  #giveUpEndless(peer: PlannedPeer, now: number): void {
    peer.endHeaders()
    peer.endlessHeaders += 1
    this.#peers.rest(peer, now)
  }
}
