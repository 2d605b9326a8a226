/**
 * What the sync planner is told, and what it answers: events in, actions out.
 *
 * Source: docs/protocol/sync.md#blocks
 */
import type { BlockHash } from '@chain/core/primitives'
import type { Height, Work } from '@chain/core/units'

/** A block whose body is wanted; a `BlockNode` is one. */
export interface WantedBlock {
  readonly hash: BlockHash
  readonly height: Height
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

/** The end of a peer's chain, as far as it was told or shown. */
export interface PeerTip {
  readonly work: Work
  readonly height: Height
}

/**
 * Which blocks a peer serves: all of its chain; the last 288 of it, when it is pruned; or none, when it is a light client,
 * which is asked for nothing at all. Source: BIP159
 */
export type ServedBlocks = 'all' | 'recent' | 'none'

/** What has happened. */
export type SyncEvent =
  /** A peer came, or told its status anew. */
  | {
      readonly type: 'peer-status'
      readonly peer: string
      readonly tip: PeerTip
      readonly serves: ServedBlocks
    }
  | { readonly type: 'peer-removed'; readonly peer: string }
  /** A peer announced a header; without `tip` when it builds on a block that we do not know. */
  | { readonly type: 'header-announced'; readonly peer: string; readonly tip?: PeerTip }
  /** It sent a batch of the headers that it was asked for, and is asked for the next one in the same request. */
  | { readonly type: 'headers-batch'; readonly peer: string }
  /** Its headers were accepted; `tip` is the last one. `more`: there may be others after `last`. */
  | {
      readonly type: 'headers-received'
      readonly peer: string
      readonly tip: PeerTip
      readonly more: boolean
      readonly last?: BlockHash
    }
  /** It sent one of the blocks that it was asked for. Nothing is planned for it. */
  | { readonly type: 'block-received'; readonly peer: string; readonly hash: BlockHash }
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

/**
 * What a peer does again and again that an honest one may do once: it claims work and does not show it, has none of the
 * blocks that it should have, or sends nothing while others do.
 */
export type SyncVice = 'false-claims' | 'no-blocks' | 'silence'

/** What to do. */
export type SyncAction =
  | SyncRequest
  /** Give up what this peer was asked for; nothing is to be reported about it any more. */
  | { readonly type: 'cancel'; readonly request: SyncRequest['type']; readonly peer: string }
  /** Take points from this peer. */
  | { readonly type: 'blame'; readonly peer: string; readonly vice: SyncVice }

/** How far sync has come. */
export type SyncPhase = 'no-peers' | 'headers' | 'blocks' | 'stalled' | 'synced'
