/**
 * Decides whom to ask for what during sync: a state machine without I/O, clock or chain of its own. Events go in, the
 * requests to make come out.
 *
 * Headers first (`headers-plan.ts`); only then are bodies asked for (`blocks-plan.ts`). A peer that failed, or did not show the
 * work that it claimed, rests, for longer each time, and its request goes to another one. Claims cost nothing: they decide neither
 * whom to ask first nor how long bodies have to wait.
 *
 * Not for making the requests nor for judging the answers (`syncer.ts`).
 *
 * Source: docs/protocol/sync.md#peers
 */
import { BlocksPlan, type BlocksPlanLimits } from './blocks-plan.ts'
import { HeadersPlan, type HeadersPlanLimits } from './headers-plan.ts'
import { PlannedPeer, type Rests } from './planned-peer.ts'
import { PlannedPeers } from './planned-peers.ts'
import type { ChainView, SyncAction, SyncEvent, SyncPhase } from './sync-events.ts'

/** Bounds of the planner; times in milliseconds. */
export type SyncPlannerLimits = HeadersPlanLimits & BlocksPlanLimits & Rests

/** What a node uses. */
export const syncPlannerLimits: SyncPlannerLimits = {
  window: 128,
  batch: 16,
  downloads: 8,
  headerRequests: 3,
  presyncTime: 60_000,
  longestPresyncTime: 3_600_000,
  patience: 2_000,
  longestPatience: 60_000,
  headersPatience: 1_000,
  longestHeadersPatience: 5_000,
  rest: 1_000,
  longestRest: 60_000,
}

/** Blocks with which a peer has failed, or that it lacks, for each block of the window: so many are remembered. */
const MEMORY_FACTOR = 4

/** An event about a peer that is there. */
type PeerEvent = Exclude<SyncEvent, { type: 'peer-status' | 'peer-removed' | 'look-again' }>

/** See the head of this module. */
export class SyncPlanner {
  readonly #limits: SyncPlannerLimits
  readonly #peers: PlannedPeers
  readonly #headers: HeadersPlan
  readonly #blocks: BlocksPlan

  constructor(limits: SyncPlannerLimits = syncPlannerLimits) {
    this.#limits = limits
    this.#peers = new PlannedPeers(limits)
    this.#headers = new HeadersPlan(this.#peers, limits)
    this.#blocks = new BlocksPlan(this.#peers, limits)
  }

  /** Takes in an event and returns what to do now, in this order. `now` in milliseconds, never going back. */
  handle(event: SyncEvent, chain: ChainView, now: number): SyncAction[] {
    if (event.type === 'peer-removed') this.#peers.remove(event.peer)
    else if (event.type === 'peer-status') this.#learnStatus(event)
    else if (event.type !== 'look-again') this.#learn(event, now)
    if (event.type === 'block-received') return []
    const actions = this.#headers.plan(chain, now)
    if (!this.#headers.holdsBodies(chain, now)) actions.push(...this.#blocks.plan(chain, now))
    return [...this.#peers.takeBlames(), ...actions]
  }

  /** When to send `look-again` at the latest, or `undefined` when only an event can change anything. */
  nextMoment(now: number): number | undefined {
    const rests = this.#peers.list().map(({ restUntil }) => restUntil)
    const moments = [...rests, ...this.#headers.moments(), ...this.#blocks.moments()]
    const later = moments.filter((moment) => moment > now)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** How far sync has come. */
  phase(chain: ChainView): SyncPhase {
    const peers = this.#peers.list()
    if (peers.length === 0) return 'no-peers'
    if (peers.some(({ headersRequest }) => headersRequest !== undefined)) return 'headers'
    if (chain.isBusy || peers.some(({ download }) => download !== undefined)) return 'blocks'
    const isBehind = chain.missing(1).length > 0 || this.peersAhead(chain) > 0
    return isBehind ? 'stalled' : 'synced'
  }

  /** Peers that claim more work than we know and have not been found wrong. */
  peersAhead({ work }: ChainView): number {
    return this.#peers.list().filter((peer) => peer.promisesHeaders(work)).length
  }

  #learnStatus({ peer: id, tip, serves }: Extract<SyncEvent, { type: 'peer-status' }>): void {
    const peer = this.#peers.get(id)
    if (peer !== undefined) peer.learnStatus(tip, serves)
    else this.#peers.add(new PlannedPeer(id, tip, serves, MEMORY_FACTOR * this.#limits.window))
  }

  #learn(event: PeerEvent, now: number): void {
    const peer = this.#peers.get(event.peer)
    if (peer === undefined) return
    switch (event.type) {
      case 'header-announced':
        peer.learnAnnouncement(event.tip)
        return
      case 'headers-batch':
        this.#headers.learnBatch(peer, now)
        return
      case 'headers-received':
        this.#headers.learnHeaders(peer, event, now)
        return
      case 'block-received':
        this.#blocks.learnBlock(peer, event.hash)
        return
      case 'blocks-received':
        this.#blocks.learnAnswer(peer, event.lacking, now)
        return
      case 'request-failed':
        if (event.request === 'get-headers') peer.headersRequest = undefined
        else peer.endDownload()
        peer.after = undefined
        this.#peers.rest(peer, now)
    }
  }
}
