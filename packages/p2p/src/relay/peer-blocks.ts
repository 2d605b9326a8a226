/**
 * Blocks and one peer: which it is known to have, how it wants them, and what it was asked for.
 *
 * Source: docs/protocol/peers.md#compact-blocks
 */
import { bytesKey } from '@chain/core/bytes'
import {
  type BlockHash,
  type BlockHeader,
  encodeBlockTransactionsRequest,
  encodeHeader,
} from '@chain/core/primitives'
import type { Clock } from '../clock.ts'
import { RecentSet } from './recent-set.ts'
import { relayLimits } from './relay-limits.ts'
import type { Outlet } from './relay-peer.ts'
import type { MakeReply } from './reply-queue.ts'

/** The blocks of one peer. */
export class PeerBlocks {
  /** Whether it understands compact blocks. */
  isCompact = false
  /** Whether it wants compact blocks unasked. */
  wantsUnasked = false
  readonly #outlet: Outlet
  readonly #clock: Clock
  readonly #known = new RecentSet(relayLimits.knownBlocks)
  readonly #askedCompact = new RecentSet(relayLimits.knownBlocks)
  readonly #askedTransactions = new RecentSet(relayLimits.knownBlocks)
  readonly #begun = new RecentSet(relayLimits.knownBlocks)
  /** Until when it may send compact blocks unasked. */
  #unaskedUntil = Number.NEGATIVE_INFINITY
  #answersWaiting = 0

  constructor(outlet: Outlet, clock: Clock) {
    this.#outlet = outlet
    this.#clock = clock
  }

  /** It has this block. */
  learn(hash: BlockHash): void {
    this.#known.add(bytesKey(hash))
  }

  /** Whether it is known to have this block. */
  has(hash: BlockHash): boolean {
    return this.#known.has(bytesKey(hash))
  }

  /** Tells it that we have a block. */
  announce(hash: BlockHash, header: BlockHeader): void {
    this.learn(hash)
    this.#outlet.tell({ kind: 'new-block', header: encodeHeader(header) })
  }

  /** Sends it a block in its compact form, unasked. */
  push(hash: BlockHash, block: Uint8Array): void {
    this.learn(hash)
    this.#outlet.tell({ kind: 'compact-block', block })
  }

  /** Tells it that we understand compact blocks, and whether we want them unasked. */
  tellMode(highBandwidth: boolean): void {
    if (highBandwidth) this.#unaskedUntil = Number.POSITIVE_INFINITY
    // It may have sent some before it hears that we want them no more.
    else this.#unaskedUntil = Math.min(this.#unaskedUntil, this.#clock.now() + relayLimits.unaskedGrace)
    this.#outlet.tell({ kind: 'compact-mode', highBandwidth })
  }

  /** Asks it for the compact form of a block. */
  askCompact(hash: BlockHash): void {
    this.#askedCompact.add(bytesKey(hash))
    this.#outlet.tell({ kind: 'get-compact-block', hash })
  }

  /** It has sent the compact form of a block; says whether it may. */
  deliverCompact(hash: BlockHash): boolean {
    return this.#askedCompact.delete(bytesKey(hash)) || this.#clock.now() < this.#unaskedUntil
  }

  /** A block is being put together from its compact form; says whether that is the first time. */
  beginCompact(hash: BlockHash): boolean {
    const key = bytesKey(hash)
    if (this.#begun.has(key)) return false
    this.#begun.add(key)
    return true
  }

  /** Asks it for transactions of a block. */
  askTransactions(block: BlockHash, indexes: readonly number[]): void {
    this.#askedTransactions.add(bytesKey(block))
    const request = encodeBlockTransactionsRequest({ block, indexes })
    this.#outlet.tell({ kind: 'get-block-transactions', request })
  }

  /** It has sent transactions of a block; says whether it was asked for them, however long ago. */
  deliverTransactions(hash: BlockHash): boolean {
    return this.#askedTransactions.delete(bytesKey(hash))
  }

  /** Sends it an answer about a block when its turn has come, or refuses when there is none, or too many wait. */
  answer(hash: BlockHash, make: MakeReply): void {
    if (this.#answersWaiting >= relayLimits.blockAnswersPerPeer) {
      this.refuse(hash)
      return
    }
    this.#answersWaiting += 1
    this.#outlet.reply(() => {
      this.#answersWaiting -= 1
      return make() ?? { kind: 'no-compact-block', hash }
    })
  }

  /** Tells it that it gets nothing about a block here. */
  refuse(hash: BlockHash): void {
    this.#outlet.tell({ kind: 'no-compact-block', hash })
  }
}
