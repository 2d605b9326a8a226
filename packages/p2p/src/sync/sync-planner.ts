/**
 * Decides whom to ask for what during sync: a state machine without I/O, clock or chain of its own. Events go in, the
 * requests to make come out.
 *
 * Headers first: one peer that claims more work than we know is asked until it has no more; only then are bodies asked
 * for, lowest first, in a bounded window above the tip. A peer that failed, or did not show the work that it claimed,
 * rests, for longer each time, and its request goes to another one. Claims cost nothing: they decide neither whom to ask
 * first nor how long bodies have to wait.
 *
 * A request for bodies that takes much longer than others have taken goes to a peer that has nothing else to do, as soon as
 * there is one, so that a slow peer holds nobody up for long.
 *
 * Not for making the requests nor for judging the answers (`syncer.ts`).
 *
 * Source: docs/protocol/peers.md#headers
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'
import type { Work } from '@chain/core/units'

/** A block whose body is wanted; a `BlockNode` is one. */
export interface WantedBlock {
  readonly hash: BlockHash
  /** Work of the chain up to it: a peer whose chain has less does not have the block. */
  readonly chainWork: Work
}

/** What the planner must know of the chain at the moment. */
export interface ChainView {
  /** Work of the best header chain. */
  readonly work: Work
  /** Whether blocks that have come are being worked on. */
  readonly isBusy: boolean
  /** Bodies to ask for, lowest first, that are among the `limit` blocks from the first missing one on. */
  missing(limit: number): readonly WantedBlock[]
}

/** What has happened. */
export type SyncEvent =
  /** A peer came, or told its work anew. */
  | { readonly type: 'peer-status'; readonly peer: string; readonly work: Work }
  | { readonly type: 'peer-removed'; readonly peer: string }
  /** A peer announced a header; without `work` when it builds on a block that we do not know. */
  | { readonly type: 'header-announced'; readonly peer: string; readonly work?: Work }
  /** Its headers were accepted; `work` is that of the last one. `more`: there may be others after `last`. */
  | {
      readonly type: 'headers-received'
      readonly peer: string
      readonly work: Work
      readonly more: boolean
      readonly last?: BlockHash
    }
  /** It answered for all blocks asked, whatever they are; it does not have those in `lacking`. */
  | { readonly type: 'blocks-received'; readonly peer: string; readonly lacking: readonly BlockHash[] }
  /** A request of this kind to it came to nothing. */
  | { readonly type: 'request-failed'; readonly peer: string; readonly request: SyncRequest['type'] }
  /** The chain has changed, or a moment named by {@link SyncPlanner.nextMoment} has come. */
  | { readonly type: 'look-again' }

/** What to ask for. */
export type SyncRequest =
  /** Headers after `after`, or after what we have. */
  | { readonly type: 'get-headers'; readonly peer: string; readonly after?: BlockHash }
  | { readonly type: 'get-blocks'; readonly peer: string; readonly blocks: readonly WantedBlock[] }

/** What to do. */
export type SyncAction =
  | SyncRequest
  /** Give up what this peer was asked for with `get-blocks`; nothing is to be reported about it any more. */
  | { readonly type: 'cancel-blocks'; readonly peer: string }

/** How far sync has come. */
export type SyncPhase = 'no-peers' | 'headers' | 'blocks' | 'stalled' | 'synced'

/** Bounds of the planner; times in milliseconds. */
export interface SyncPlannerLimits {
  /** Blocks above the first missing one that may be asked for. */
  readonly window: number
  /** Blocks per request. */
  readonly batch: number
  /** Peers that send blocks at once. */
  readonly downloads: number
  /**
   * How long a request for blocks may take before it goes to a peer that has nothing to do: four times as long as those
   * before, but at least this long; twice as long after each time.
   */
  readonly patience: number
  /** The most that it becomes. */
  readonly longestPatience: number
  /** How long a request for headers holds up other such requests, and all of them together the bodies. */
  readonly headersPatience: number
  /** How long a peer rests after its first failure; twice as long after each further one. */
  readonly rest: number
  /** The longest rest. */
  readonly longestRest: number
}

/** What a node uses. */
export const syncPlannerLimits: SyncPlannerLimits = {
  window: 128,
  batch: 16,
  downloads: 8,
  patience: 2_000,
  longestPatience: 60_000,
  headersPatience: 3_000,
  rest: 1_000,
  longestRest: 60_000,
}

/** Blocks that a peer was asked for. */
interface Download {
  readonly keys: ReadonlySet<string>
  readonly since: number
}

/** One per peer; `lacking` is bounded by the window. */
interface PeerState {
  readonly id: string
  work: Work
  /** It may have headers that we do not know. */
  hasHeaders: boolean
  /** Ask for headers even though it claims no more work. */
  askHeaders: boolean
  after: BlockHash | undefined
  headersSince: number | undefined
  download: Download | undefined
  readonly lacking: Set<string>
  failures: number
  restUntil: number
}

/** See the head of this module. */
export class SyncPlanner {
  readonly #limits: SyncPlannerLimits
  readonly #peers = new Map<string, PeerState>()
  /** Since when requests for headers that bring no work hold up the bodies. */
  #heldSince: number | undefined
  /** Work of the best header chain when it was last looked at. */
  #work: Work = 0n
  /** How long a request for blocks may take now. */
  #patience: number

  constructor(limits: SyncPlannerLimits = syncPlannerLimits) {
    this.#limits = limits
    this.#patience = limits.patience
  }

  /** Takes in an event and returns what to do now, in this order. `now` in milliseconds, never going back. */
  handle(event: SyncEvent, chain: ChainView, now: number): SyncAction[] {
    if (event.type === 'peer-removed') this.#peers.delete(event.peer)
    else if (event.type === 'peer-status') this.#learnStatus(event.peer, event.work)
    else if (event.type !== 'look-again') {
      const peer = this.#peers.get(event.peer)
      if (peer !== undefined) this.#learn(peer, event, now)
    }
    return [...this.#planHeaders(chain, now), ...this.#planBlocks(chain, now)]
  }

  /** When to send `look-again` at the latest, or `undefined` when only an event can change anything. */
  nextMoment(now: number): number | undefined {
    const moments = [...this.#peers.values()].flatMap(({ restUntil, headersSince, download }) => [
      restUntil,
      ...(headersSince === undefined ? [] : [headersSince + this.#limits.headersPatience]),
      ...(download === undefined ? [] : [download.since + this.#patience]),
    ])
    if (this.#heldSince !== undefined) moments.push(this.#heldSince + this.#limits.headersPatience)
    const later = moments.filter((moment) => moment > now)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** How far sync has come. */
  phase(chain: ChainView): SyncPhase {
    const peers = [...this.#peers.values()]
    if (peers.length === 0) return 'no-peers'
    if (peers.some((peer) => peer.headersSince !== undefined)) return 'headers'
    if (chain.isBusy || peers.some(({ download }) => download !== undefined)) return 'blocks'
    const isBehind = chain.missing(1).length > 0 || peers.some((peer) => promisesHeaders(peer, chain))
    return isBehind ? 'stalled' : 'synced'
  }

  /** Peers that claim more work than we know and have not been found wrong. */
  peersAhead(chain: ChainView): number {
    return [...this.#peers.values()].filter((peer) => promisesHeaders(peer, chain)).length
  }

  #learnStatus(id: string, work: Work): void {
    const peer = this.#peers.get(id)
    if (peer === undefined) this.#peers.set(id, newPeer(id, work))
    else {
      if (work > peer.work) peer.hasHeaders = true
      peer.work = work
      peer.lacking.clear()
    }
  }

  #learn(
    peer: PeerState,
    event: Exclude<SyncEvent, { type: 'peer-status' | 'peer-removed' | 'look-again' }>,
    now: number,
  ): void {
    switch (event.type) {
      case 'header-announced':
        learnAnnouncement(peer, event.work)
        return
      case 'headers-received':
        peer.headersSince = undefined
        peer.askHeaders = false
        peer.hasHeaders = event.more
        peer.after = event.more ? event.last : undefined
        if (!event.more) this.#judgeClaim(peer, event.work, now)
        if (!event.more || event.work > peer.work) peer.work = event.work
        return
      case 'blocks-received':
        if (event.lacking.length === 0) this.#learnPace(peer, now)
        peer.download = undefined
        for (const hash of event.lacking) peer.lacking.add(bytesKey(hash))
        if (event.lacking.length === 0) peer.failures = 0
        return
      case 'request-failed':
        if (event.request === 'get-headers') peer.headersSince = undefined
        else peer.download = undefined
        peer.after = undefined
        this.#rest(peer, now)
    }
  }

  /** A peer has sent all blocks that it was asked for. */
  #learnPace({ download }: PeerState, now: number): void {
    if (download === undefined) return
    const perBatch = ((now - download.since) * this.#limits.batch) / download.keys.size
    const enough = Math.max(this.#limits.patience, 4 * perBatch, this.#patience / 2)
    this.#patience = Math.min(this.#patience, enough)
  }

  /** A peer has shown all of its headers, which have this much work. */
  #judgeClaim(peer: PeerState, work: Work, now: number): void {
    if (work < peer.work) this.#rest(peer, now)
    else peer.failures = 0
  }

  #rest(peer: PeerState, now: number): void {
    peer.restUntil = now + Math.min(this.#limits.longestRest, this.#limits.rest * 2 ** peer.failures)
    peer.failures += 1
  }

  #planHeaders(chain: ChainView, now: number): SyncRequest[] {
    if (this.#waitsForHeaders(now)) return []
    const [peer] = [...this.#peers.values()]
      .filter(
        (each) => each.headersSince === undefined && each.restUntil <= now && promisesHeaders(each, chain),
      )
      .sort(byReliability)
    if (peer === undefined) return []
    peer.headersSince = now
    const { id, after } = peer
    return [
      after === undefined ? { type: 'get-headers', peer: id } : { type: 'get-headers', peer: id, after },
    ]
  }

  #planBlocks(chain: ChainView, now: number): SyncAction[] {
    if (this.#areBodiesHeld(chain, now)) return []
    const actions: SyncAction[] = this.#assignBlocks(chain, now)
    for (let late = this.#findLate(chain, now); late !== undefined; late = this.#findLate(chain, now)) {
      late.download = undefined
      this.#rest(late, now)
      this.#patience = Math.min(this.#limits.longestPatience, 2 * this.#patience)
      actions.push({ type: 'cancel-blocks', peer: late.id }, ...this.#assignBlocks(chain, now))
    }
    return actions
  }

  #assignBlocks(chain: ChainView, now: number): SyncRequest[] {
    const downloads = this.#downloads()
    if (downloads.length >= this.#limits.downloads) return []
    const asked = new Set(downloads.flatMap(({ keys }) => [...keys]))
    let wanted = chain.missing(this.#limits.window).filter(({ hash }) => !asked.has(bytesKey(hash)))
    const requests: SyncRequest[] = []
    for (const peer of this.#idlePeers(now)) {
      if (wanted.length === 0 || downloads.length + requests.length >= this.#limits.downloads) break
      const blocks = wanted.filter((block) => mayHave(peer, block)).slice(0, this.#limits.batch)
      if (blocks.length === 0) continue
      peer.download = { keys: new Set(blocks.map(({ hash }) => bytesKey(hash))), since: now }
      wanted = wanted.filter((block) => !blocks.includes(block))
      requests.push({ type: 'get-blocks', peer: peer.id, blocks })
    }
    return requests
  }

  #downloads(): Download[] {
    return [...this.#peers.values()].flatMap(({ download }) => download ?? [])
  }

  /** A peer that takes too long for blocks which another one, that has nothing to do, may have. */
  #findLate(chain: ChainView, now: number): PeerState | undefined {
    const idle = this.#idlePeers(now)
    if (idle.length === 0) return undefined
    return [...this.#peers.values()].find(({ download }) => {
      if (download === undefined || now - download.since < this.#patience) return false
      const rest = chain.missing(this.#limits.window).filter(({ hash }) => download.keys.has(bytesKey(hash)))
      return rest.some((block) => idle.some((peer) => mayHave(peer, block)))
    })
  }

  #idlePeers(now: number): PeerState[] {
    return [...this.#peers.values()]
      .filter(({ download, restUntil }) => download === undefined && restUntil <= now)
      .sort(byReliability)
  }

  /** Whether headers that may change which bodies are wanted are waited for, and not for too long. */
  #areBodiesHeld({ work }: ChainView, now: number): boolean {
    if (!this.#waitsForHeaders(now) || work > this.#work) this.#heldSince = undefined
    this.#work = work
    if (!this.#waitsForHeaders(now)) return false
    this.#heldSince ??= now
    return now - this.#heldSince < this.#limits.headersPatience
  }

  #waitsForHeaders(now: number): boolean {
    return [...this.#peers.values()].some(
      ({ headersSince }) => headersSince !== undefined && now - headersSince < this.#limits.headersPatience,
    )
  }
}

function newPeer(id: string, work: Work): PeerState {
  return {
    id,
    work,
    hasHeaders: true,
    askHeaders: false,
    after: undefined,
    headersSince: undefined,
    download: undefined,
    lacking: new Set(),
    failures: 0,
    restUntil: 0,
  }
}

function learnAnnouncement(peer: PeerState, work: Work | undefined): void {
  peer.lacking.clear()
  if (work === undefined) peer.askHeaders = true
  else if (work > peer.work) peer.work = work
}

function promisesHeaders(peer: PeerState, chain: ChainView): boolean {
  return peer.askHeaders || (peer.hasHeaders && (peer.work > chain.work || peer.after !== undefined))
}

function mayHave(peer: PeerState, { hash, chainWork }: WantedBlock): boolean {
  return chainWork <= peer.work && !peer.lacking.has(bytesKey(hash))
}

/** Of equals, the one that came first stays first. */
function byReliability(a: PeerState, b: PeerState): number {
  return a.failures - b.failures
}
