/**
 * Whom to ask for bodies: the half of the sync planner that fills the window above the tip.
 *
 * The lowest missing ones first, in requests to all useful peers at once. A request that takes much longer than others have taken
 * goes to a peer that has nothing else to do, as soon as there is one, so that a slow peer holds nobody up for long. What a peer
 * was asked for in vain is asked of others first.
 *
 * Not for which bodies are wanted: the `ChainView` says that.
 *
 * Source: docs/protocol/sync.md#blocks
 */
import { bytesKey } from '@chain/core/bytes'
import type { Download, PlannedPeer } from './planned-peer.ts'
import type { PlannedPeers } from './planned-peers.ts'
import type { ChainView, SyncAction, SyncRequest, WantedBlock } from './sync-events.ts'

/** Bounds of requests for blocks; times in milliseconds. */
export interface BlocksPlanLimits {
  /** Blocks above the first missing one that may be asked for. */
  readonly window: number
  /** Blocks per request. */
  readonly batch: number
  /** Peers that send blocks at once. */
  readonly downloads: number
  /**
   * How long a request for blocks may take before it goes to a peer that has nothing to do: four times as long as those
   * before, but at least this long; twice as long after every third time in a row that nobody else was quicker.
   */
  readonly patience: number
  /** The most that it becomes. */
  readonly longestPatience: number
}

/** Peers in a row that send nothing before it counts as our own line: they may be one who has many names. */
const SILENT_PEERS = 3

/** Requests for blocks, from when they are made until they are answered or given up. */
export class BlocksPlan {
  readonly #peers: PlannedPeers
  readonly #limits: BlocksPlanLimits
  /** How long a request may take now. */
  #patience: number
  /** Requests that were given up since the patience was doubled, or since a peer has sent all of its blocks. */
  #silences = 0
  /** Blocks that have come from all peers. */
  #received = 0

  constructor(peers: PlannedPeers, limits: BlocksPlanLimits) {
    this.#peers = peers
    this.#limits = limits
    this.#patience = limits.patience
  }

  /** A peer has sent a block. */
  learnBlock({ download }: PlannedPeer, hash: Uint8Array): void {
    if (download?.keys.delete(bytesKey(hash)) !== true) return
    download.received += 1
    this.#received += 1
  }

  /** A peer has answered for all blocks that it was asked for, and does not have those in `lacking`. */
  learnAnswer(peer: PlannedPeer, lacking: readonly Uint8Array[], now: number): void {
    const { download } = peer
    peer.download = undefined
    for (const hash of lacking) peer.learnLack(hash)
    if (lacking.length === 0) {
      if (download !== undefined) this.#learnPace(download, now)
      peer.learnSuccess()
    } else if (download !== undefined && lacking.length === download.count) {
      this.#peers.fail(peer, 'no-blocks', now)
    }
  }

  /** What to do now, in this order. */
  plan(chain: ChainView, now: number): SyncAction[] {
    const actions: SyncAction[] = this.#assign(chain, now)
    for (let late = this.#findLate(chain, now); late !== undefined; late = this.#findLate(chain, now)) {
      this.#giveUp(late, now)
      actions.push({ type: 'cancel', request: 'get-blocks', peer: late.id }, ...this.#assign(chain, now))
    }
    return actions
  }

  /** When time alone changes something, moments that are over among them. */
  moments(): number[] {
    return this.#downloads().map(({ since }) => since + this.#patience)
  }

  /** A peer has sent all blocks that it was asked for. */
  #learnPace({ since, count }: Download, now: number): void {
    this.#silences = 0
    const perBatch = ((now - since) * this.#limits.batch) / count
    const enough = Math.max(this.#limits.patience, 4 * perBatch, this.#patience / 2)
    this.#patience = Math.min(this.#patience, enough)
  }

  #learnSilence(): void {
    this.#silences += 1
    if (this.#silences < SILENT_PEERS) return
    this.#silences = 0
    this.#patience = Math.min(this.#limits.longestPatience, 2 * this.#patience)
  }

  #assign(chain: ChainView, now: number): SyncRequest[] {
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
      for (const other of this.#peers.list()) other.forgive(block)
    }
    const keys = new Set(blocks.map(({ hash }) => bytesKey(hash)))
    peer.download = { keys, count: blocks.length, since: now, mark: this.#received, received: 0 }
  }

  /** Whether a peer is to be asked for a block: not again where it has failed, while there is another one to ask. */
  #canAsk(peer: PlannedPeer, block: WantedBlock, now: number): boolean {
    if (!peer.mayHave(block)) return false
    if (!peer.hasFailedWith(block)) return true
    return !this.#peers.list().some((other) => {
      const isOther = other.mayHave(block) && !other.hasFailedWith(block)
      return isOther && other.restUntil <= now && !this.#isLate(other, now)
    })
  }

  /** Of the peers that take too long for blocks which another one, that has nothing to do, may have: the one with the lowest. */
  #findLate(chain: ChainView, now: number): PlannedPeer | undefined {
    const idle = this.#idlePeers(now)
    const late = this.#peers.list().filter((peer) => this.#isLate(peer, now))
    if (idle.length === 0 || late.length === 0) return undefined
    for (const block of chain.missing(this.#limits.window)) {
      const key = bytesKey(block.hash)
      const peer = late.find(({ download }) => download?.keys.has(key) === true)
      if (peer !== undefined && idle.some((other) => this.#canAsk(other, block, now))) return peer
    }
    return undefined
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
    if (!isOvertaken || received > 0) this.#peers.rest(late, now)
    else {
      this.#peers.fail(late, 'silence', now)
      this.#peers.restLongest(late, now)
    }
  }

  /** Whether a peer takes too long for blocks. */
  #isLate({ download }: PlannedPeer, now: number): boolean {
    return download !== undefined && now - download.since >= this.#patience
  }

  #downloads(): Download[] {
    return this.#peers.list().flatMap(({ download }) => download ?? [])
  }

  #idlePeers(now: number): PlannedPeer[] {
    return this.#peers.rested(now).filter(({ download }) => download === undefined)
  }
}
