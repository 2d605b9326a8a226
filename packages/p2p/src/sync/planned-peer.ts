/**
 * A peer as the sync planner sees it: what it claims, what it was asked for, and how it has done so far.
 *
 * Not for choosing among peers (`headers-plan.ts`, `blocks-plan.ts`).
 *
 * Source: docs/protocol/sync.md#peers
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'
import type { PeerTip, ServedBlocks, WantedBlock } from './sync-events.ts'

/**
 * Blocks from its tip down that a pruned peer can be asked for: those that it keeps, less two for blocks that it may have
 * taken in since it told its height. Source: BIP159; Bitcoin Core, `NODE_NETWORK_LIMITED_MIN_BLOCKS`
 */
const RECENT_BLOCKS = 288 - 2

/** Failures, in a row, of which the first ones cost no points. */
const FORGIVEN = 2

/** Blocks that a peer was asked for. */
export interface Download {
  /** Those that have not come yet. */
  readonly keys: Set<string>
  /** How many it was asked for. */
  readonly count: number
  readonly since: number
  /** Blocks that had come from all peers by then. */
  readonly mark: number
  /** Blocks that it has sent of these. */
  received: number
}

/** Headers that a peer was asked for. */
export interface HeadersRequest {
  readonly since: number
  /** When the last batch came that others follow, or else when it was asked: it has been silent since then. */
  batchSince: number
}

/** How long peers rest that have failed; in milliseconds. */
export interface Rests {
  /** After the first failure; twice as long after each further one. */
  readonly rest: number
  /** The longest rest; also of a peer that sends nothing while others do. */
  readonly longestRest: number
}

/** One per peer. Its sets are bounded by `capacity`. */
export class PlannedPeer {
  readonly id: string
  tip: PeerTip
  serves: ServedBlocks
  /** It may have headers that we do not know. */
  hasHeaders = true
  /** Ask for headers even though it claims no more work. */
  askHeaders = false
  /** Where its next headers begin, when there are more. */
  after: BlockHash | undefined
  headersRequest: HeadersRequest | undefined
  /** How long its fastest batch of headers took. */
  headersTime: number | undefined
  download: Download | undefined
  /** Requests for headers, in a row, that were given up although each batch came in time. */
  endlessHeaders = 0
  /** Failures of any kind, in a row. */
  failures = 0
  restUntil = 0
  readonly #capacity: number
  /** Blocks that it does not have. */
  readonly #lacking = new Set<string>()
  /** Blocks for which it was asked in vain, for other reasons. */
  readonly #failed = new Set<string>()
  /** Requests for blocks, in a row, to which not all of them came. */
  #failedDownloads = 0

  /** @param capacity - blocks of which it is remembered that it has failed with them */
  constructor(id: string, tip: PeerTip, serves: ServedBlocks, capacity: number) {
    this.id = id
    this.tip = tip
    this.serves = serves
    this.#capacity = capacity
  }

  /** Whether it claims or announces headers that are worth asking for. */
  promisesHeaders(work: bigint): boolean {
    if (this.serves === 'none') return false
    return this.askHeaders || (this.hasHeaders && (this.tip.work > work || this.after !== undefined))
  }

  /** Whether it should have a block, as far as is known. */
  mayHave({ hash, height, chainWork }: WantedBlock): boolean {
    if (this.serves === 'none' || chainWork > this.tip.work) return false
    if (this.serves === 'recent' && height <= this.tip.height - RECENT_BLOCKS) return false
    return this.#lacking.size === 0 || !this.#lacking.has(bytesKey(hash))
  }

  /** Whether it was asked for a block in vain. */
  hasFailedWith({ hash }: WantedBlock): boolean {
    return this.#failed.size > 0 && this.#failed.has(bytesKey(hash))
  }

  /** It told its status. */
  learnStatus(tip: PeerTip, serves: ServedBlocks): void {
    if (tip.work > this.tip.work) this.hasHeaders = true
    this.tip = tip
    this.serves = serves
    this.#lacking.clear()
  }

  /** It announced a header; `tip` is unknown when that follows no block that we know. */
  learnAnnouncement(tip: PeerTip | undefined): void {
    this.#lacking.clear()
    if (tip === undefined) this.askHeaders = true
    else if (tip.work > this.tip.work) this.tip = tip
  }

  /** It does not have a block. */
  learnLack(hash: BlockHash): void {
    this.#remember(this.#lacking, bytesKey(hash))
  }

  /** It has sent the blocks that it was asked for. */
  learnSuccess(): void {
    this.failures = 0
    this.#failedDownloads = 0
  }

  /** It has told its headers: they cost nothing, and say nothing of its blocks. */
  learnHeadersSuccess(): void {
    this.endlessHeaders = 0
    this.failures = Math.min(this.failures, this.#failedDownloads)
  }

  /** It rests, for longer after each failure; returns whether it has failed too often to be forgiven. */
  learnFailure(now: number, { rest, longestRest }: Rests): boolean {
    this.restUntil = now + Math.min(longestRest, rest * 2 ** this.failures)
    this.failures += 1
    return this.failures > FORGIVEN
  }

  /** Its request for headers is given up, with all that it showed. */
  endHeaders(): void {
    this.headersRequest = undefined
    this.after = undefined
  }

  /** What it was asked for and did not send is asked of others first. */
  endDownload(): void {
    if (this.download !== undefined) this.#failedDownloads += 1
    for (const key of this.download?.keys ?? []) this.#remember(this.#failed, key)
    this.download = undefined
  }

  /** It may be asked for a block again. */
  forgive({ hash }: WantedBlock): void {
    this.#failed.delete(bytesKey(hash))
  }

  /** The oldest is forgotten where there are too many. */
  #remember(set: Set<string>, key: string): void {
    set.delete(key)
    set.add(key)
    const [oldest] = set
    if (set.size > this.#capacity && oldest !== undefined) set.delete(oldest)
  }
}
