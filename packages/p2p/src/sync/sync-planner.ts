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
 * there is one, so that a slow peer holds nobody up for long. What a peer was asked for in vain is asked of others first.
 *
 * Not for making the requests nor for judging the answers (`syncer.ts`).
 *
 * Source: docs/protocol/sync.md#peers
 */
import { bytesKey } from '@chain/core/bytes'
import type { Work } from '@chain/core/units'
import { type Download, PlannedPeer } from './planned-peer.ts'
import type {
  ChainView,
  SyncAction,
  SyncEvent,
  SyncPhase,
  SyncRequest,
  SyncVice,
  WantedBlock,
} from './sync-events.ts'

/** Bounds of the planner; times in milliseconds. */
export interface SyncPlannerLimits {
  /** Blocks above the first missing one that may be asked for. */
  readonly window: number
  /** Blocks per request. */
  readonly batch: number
  /** Peers that send blocks at once. */
  readonly downloads: number
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
   * How long a request for blocks may take before it goes to a peer that has nothing to do: four times as long as those
   * before, but at least this long; twice as long after every third time in a row that nobody else was quicker.
   */
  readonly patience: number
  /** The most that it becomes. */
  readonly longestPatience: number
  /**
   * How long a request for headers holds up other such requests, and all of them together the bodies: four times as long as
   * the fastest peer took before, but at least this long; twice as long after each one that was given up.
   */
  readonly headersPatience: number
  /** The most that it becomes. */
  readonly longestHeadersPatience: number
  /** How long a peer rests after its first failure; twice as long after each further one. */
  readonly rest: number
  /** The longest rest; also of a peer that sends nothing while others do. */
  readonly longestRest: number
}

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

/** Peers in a row that send nothing before it counts as our own line: they may be one who has many names. */
const SILENT_PEERS = 3

/** A peer is silent that sends no headers for so many times as long as such a request holds up others. */
const SILENCE_FACTOR = 2

/** An event about a peer that is there. */
type PeerEvent = Exclude<SyncEvent, { type: 'peer-status' | 'peer-removed' | 'look-again' }>

/** See the head of this module. */
export class SyncPlanner {
  readonly #limits: SyncPlannerLimits
  readonly #peers = new Map<string, PlannedPeer>()
  /** Since when requests for headers that bring no work hold up the bodies. */
  #heldSince: number | undefined
  /** Work of the best header chain when it was last looked at. */
  #work: Work = 0n
  /** How long a request for blocks may take now. */
  #patience: number
  /** Requests for blocks that were given up since the patience was doubled, or since a peer has sent all of its blocks. */
  #silences = 0
  /** How long a request for headers holds up others now. */
  #headersPatience: number
  /** Blocks that have come from all peers. */
  #received = 0
  /** What is to be told of peers beside the requests. */
  readonly #blames: SyncAction[] = []

  constructor(limits: SyncPlannerLimits = syncPlannerLimits) {
    this.#limits = limits
    this.#patience = limits.patience
    this.#headersPatience = limits.headersPatience
  }

  /** Takes in an event and returns what to do now, in this order. `now` in milliseconds, never going back. */
  handle(event: SyncEvent, chain: ChainView, now: number): SyncAction[] {
    if (event.type === 'peer-removed') this.#peers.delete(event.peer)
    else if (event.type === 'peer-status') this.#learnStatus(event)
    else if (event.type !== 'look-again') {
      const peer = this.#peers.get(event.peer)
      if (peer !== undefined) this.#learn(peer, event, now)
    }
    if (event.type === 'block-received') return []
    const actions = [...this.#planHeaders(chain, now), ...this.#planBlocks(chain, now)]
    return [...this.#blames.splice(0), ...actions]
  }

  /** When to send `look-again` at the latest, or `undefined` when only an event can change anything. */
  nextMoment(now: number): number | undefined {
    const patience = this.#headersPatience
    const moments = this.#all().flatMap((peer) => [
      peer.restUntil,
      ...this.#headersMoments(peer),
      ...(peer.download === undefined ? [] : [peer.download.since + this.#patience]),
    ])
    if (this.#heldSince !== undefined) moments.push(this.#heldSince + patience)
    const later = moments.filter((moment) => moment > now)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** When others are asked for headers beside it, when it is late, and when it has taken too long. */
  #headersMoments(peer: PlannedPeer): number[] {
    if (peer.headersRequest === undefined) return []
    const { since, batchSince } = peer.headersRequest
    const patience = this.#headersPatience
    return [since + patience, batchSince + SILENCE_FACTOR * patience, since + this.#presyncTime(peer)]
  }

  /** How long a peer may go on sending headers. */
  #presyncTime({ endlessHeaders }: PlannedPeer): number {
    const { presyncTime, longestPresyncTime } = this.#limits
    return Math.min(longestPresyncTime, presyncTime * 2 ** endlessHeaders)
  }

  /** How far sync has come. */
  phase(chain: ChainView): SyncPhase {
    const peers = this.#all()
    if (peers.length === 0) return 'no-peers'
    if (peers.some((peer) => peer.headersRequest !== undefined)) return 'headers'
    if (chain.isBusy || peers.some(({ download }) => download !== undefined)) return 'blocks'
    const isBehind = chain.missing(1).length > 0 || this.peersAhead(chain) > 0
    return isBehind ? 'stalled' : 'synced'
  }

  /** Peers that claim more work than we know and have not been found wrong. */
  peersAhead({ work }: ChainView): number {
    return this.#all().filter((peer) => peer.promisesHeaders(work)).length
  }

  #all(): PlannedPeer[] {
    return [...this.#peers.values()]
  }

  #learnStatus({ peer: id, tip, serves }: Extract<SyncEvent, { type: 'peer-status' }>): void {
    const peer = this.#peers.get(id)
    if (peer !== undefined) peer.learnStatus(tip, serves)
    else this.#peers.set(id, new PlannedPeer(id, tip, serves, 4 * this.#limits.window))
  }

  #learn(peer: PlannedPeer, event: PeerEvent, now: number): void {
    switch (event.type) {
      case 'header-announced':
        peer.learnAnnouncement(event.tip)
        return
      case 'headers-batch':
        this.#learnBatch(peer, now)
        return
      case 'headers-received':
        this.#learnHeaders(peer, event, now)
        return
      case 'block-received':
        if (peer.download?.keys.delete(bytesKey(event.hash)) !== true) return
        peer.download.received += 1
        this.#received += 1
        return
      case 'blocks-received':
        this.#learnBlocks(peer, event.lacking, now)
        return
      case 'request-failed':
        if (event.request === 'get-headers') peer.headersRequest = undefined
        else peer.endDownload()
        peer.after = undefined
        peer.learnFailure(now, this.#limits)
    }
  }

  #learnHeaders(
    peer: PlannedPeer,
    { tip, more, last }: Extract<SyncEvent, { type: 'headers-received' }>,
    now: number,
  ): void {
    this.#learnBatch(peer, now)
    peer.headersRequest = undefined
    peer.askHeaders = false
    peer.hasHeaders = more
    peer.after = more ? last : undefined
    if (more) {
      if (tip.work > peer.tip.work) peer.tip = tip
      return
    }
    // It has shown all of its headers: that is what its claim was worth.
    if (tip.work < peer.tip.work) this.#fail(peer, 'false-claims', now)
    else peer.learnHeadersSuccess()
    peer.tip = tip
  }

  #learnBatch(peer: PlannedPeer, now: number): void {
    const { headersRequest } = peer
    if (headersRequest === undefined) return
    this.#learnHeadersPace(peer, now - headersRequest.batchSince)
    headersRequest.batchSince = now
  }

  #learnBlocks(peer: PlannedPeer, lacking: readonly Uint8Array[], now: number): void {
    const { download } = peer
    peer.download = undefined
    for (const hash of lacking) peer.learnLack(hash)
    if (lacking.length === 0) {
      if (download !== undefined) this.#learnPace(download, now)
      peer.learnSuccess()
    } else if (download !== undefined && lacking.length === download.count) this.#fail(peer, 'no-blocks', now)
  }

  /** A peer has sent all blocks that it was asked for. */
  #learnPace({ since, count }: Download, now: number): void {
    this.#silences = 0
    const perBatch = ((now - since) * this.#limits.batch) / count
    const enough = Math.max(this.#limits.patience, 4 * perBatch, this.#patience / 2)
    this.#patience = Math.min(this.#patience, enough)
  }

  /** A peer rests, and is blamed when it has failed too often. */
  #fail(peer: PlannedPeer, vice: SyncVice, now: number): void {
    if (peer.learnFailure(now, this.#limits)) this.#blames.push({ type: 'blame', peer: peer.id, vice })
  }

  /** Those who answer tell how long that takes; those who do not, say nothing about it. */
  #learnHeadersPace(peer: PlannedPeer, time: number): void {
    const { headersPatience, longestHeadersPatience } = this.#limits
    peer.headersTime = Math.min(time, peer.headersTime ?? time)
    const fastest = Math.min(...this.#all().map(({ headersTime }) => headersTime ?? Number.POSITIVE_INFINITY))
    this.#headersPatience = Math.min(longestHeadersPatience, Math.max(headersPatience, 4 * fastest))
  }

  #planHeaders({ work }: ChainView, now: number): SyncAction[] {
    if (this.#waitsForHeaders(now)) return []
    const [peer] = this.#all()
      .filter(
        (each) => each.headersRequest === undefined && each.restUntil <= now && each.promisesHeaders(work),
      )
      .sort(byReliability)
    if (peer === undefined) return []
    const actions = this.#makeRoomForHeaders(now)
    if (actions === undefined) return []
    peer.headersRequest = { since: now, batchSince: now }
    const { id, after } = peer
    const request = { type: 'get-headers', peer: id } as const
    return [...actions, after === undefined ? request : { ...request, after }]
  }

  /**
   * Gives up one of too many requests for headers: the one that has been silent longest, or else one that has taken too
   * long. Returns `undefined` when none is to be given up.
   */
  #makeRoomForHeaders(now: number): SyncAction[] | undefined {
    const asked = this.#all().flatMap((peer) => {
      const { headersRequest } = peer
      return headersRequest === undefined ? [] : { peer, ...headersRequest }
    })
    if (asked.length < this.#limits.headerRequests) return []
    const silent = asked.reduce((a, b) => (b.batchSince < a.batchSince ? b : a))
    if (now - silent.batchSince >= SILENCE_FACTOR * this.#headersPatience) {
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
    this.#headersPatience = Math.min(this.#limits.longestHeadersPatience, 2 * this.#headersPatience)
    this.#fail(peer, 'silence', now)
  }

  /** It answers as it should, and is not blamed; the next time it has longer, since its chain may be that long. */
  #giveUpEndless(peer: PlannedPeer, now: number): void {
    peer.endHeaders()
    peer.endlessHeaders += 1
    peer.learnFailure(now, this.#limits)
  }

  #planBlocks(chain: ChainView, now: number): SyncAction[] {
    if (this.#areBodiesHeld(chain, now)) return []
    const actions: SyncAction[] = this.#assignBlocks(chain, now)
    for (let late = this.#findLate(chain, now); late !== undefined; late = this.#findLate(chain, now)) {
      this.#giveUp(late, now)
      actions.push(
        { type: 'cancel', request: 'get-blocks', peer: late.id },
        ...this.#assignBlocks(chain, now),
      )
    }
    return actions
  }

  /**
   * Takes back what a peer takes too long for. Where others have sent blocks meanwhile, it is the peer that is slow; where
   * nobody has, it may be our own line, which needs more time.
   */
  #giveUp(late: PlannedPeer, now: number): void {
    const { mark = 0, received = 0 } = late.download ?? {}
    late.endDownload()
    const isOvertaken = this.#received - mark > received
    if (!isOvertaken) this.#learnSilence()
    if (!isOvertaken || received > 0) late.learnFailure(now, this.#limits)
    else {
      this.#fail(late, 'silence', now)
      late.restUntil = now + this.#limits.longestRest
    }
  }

  #learnSilence(): void {
    this.#silences += 1
    if (this.#silences < SILENT_PEERS) return
    this.#silences = 0
    this.#patience = Math.min(this.#limits.longestPatience, 2 * this.#patience)
  }

  #assignBlocks(chain: ChainView, now: number): SyncRequest[] {
    const downloads = this.#downloads()
    if (downloads.length >= this.#limits.downloads) return []
    const asked = new Set(downloads.flatMap(({ keys }) => [...keys]))
    let wanted = chain.missing(this.#limits.window).filter(({ hash }) => !asked.has(bytesKey(hash)))
    const requests: SyncRequest[] = []
    for (const peer of this.#idlePeers(now)) {
      if (wanted.length === 0 || downloads.length + requests.length >= this.#limits.downloads) break
      const blocks = wanted.filter((block) => this.#canAsk(peer, block, now)).slice(0, this.#limits.batch)
      if (blocks.length === 0) continue
      this.#startDownload(peer, blocks, now)
      wanted = wanted.filter((block) => !blocks.includes(block))
      requests.push({ type: 'get-blocks', peer: peer.id, blocks })
    }
    return requests
  }

  #startDownload(peer: PlannedPeer, blocks: readonly WantedBlock[], now: number): void {
    // When nobody is left who has not failed with a block, they all may be asked again.
    for (const block of blocks.filter((each) => peer.hasFailedWith(each))) {
      for (const other of this.#peers.values()) other.forgive(block)
    }
    const keys = new Set(blocks.map(({ hash }) => bytesKey(hash)))
    peer.download = { keys, count: blocks.length, since: now, mark: this.#received, received: 0 }
  }

  /** Whether a peer is to be asked for a block: not again where it has failed, while there is another one to ask. */
  #canAsk(peer: PlannedPeer, block: WantedBlock, now: number): boolean {
    if (!peer.mayHave(block)) return false
    if (!peer.hasFailedWith(block)) return true
    return !this.#all().some((other) => {
      const isOther = other.mayHave(block) && !other.hasFailedWith(block)
      return isOther && other.restUntil <= now && !this.#isLate(other, now)
    })
  }

  /** Whether a peer takes too long for blocks. */
  #isLate({ download }: PlannedPeer, now: number): boolean {
    return download !== undefined && now - download.since >= this.#patience
  }

  #downloads(): Download[] {
    return this.#all().flatMap(({ download }) => download ?? [])
  }

  /** Of the peers that take too long for blocks which another one, that has nothing to do, may have: the one with the lowest. */
  #findLate(chain: ChainView, now: number): PlannedPeer | undefined {
    const idle = this.#idlePeers(now)
    const late = this.#all().filter((peer) => this.#isLate(peer, now))
    if (idle.length === 0 || late.length === 0) return undefined
    for (const block of chain.missing(this.#limits.window)) {
      const key = bytesKey(block.hash)
      const peer = late.find(({ download }) => download?.keys.has(key) === true)
      if (peer !== undefined && idle.some((other) => this.#canAsk(other, block, now))) return peer
    }
    return undefined
  }

  #idlePeers(now: number): PlannedPeer[] {
    return this.#all()
      .filter(({ download, restUntil }) => download === undefined && restUntil <= now)
      .sort(byReliability)
  }

  /** Whether headers that may change which bodies are wanted are waited for, and not for too long. */
  #areBodiesHeld({ work }: ChainView, now: number): boolean {
    if (!this.#waitsForHeaders(now) || work > this.#work) this.#heldSince = undefined
    this.#work = work
    if (!this.#waitsForHeaders(now)) return false
    this.#heldSince ??= now
    return now - this.#heldSince < this.#headersPatience
  }

  #waitsForHeaders(now: number): boolean {
    const patience = this.#headersPatience
    return this.#all().some(
      ({ headersRequest }) => headersRequest !== undefined && now - headersRequest.since < patience,
    )
  }
}

/** Of equals, the one that came first stays first. */
function byReliability(a: PlannedPeer, b: PlannedPeer): number {
  return a.failures - b.failures
}
