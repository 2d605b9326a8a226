/**
 * One peer of relay: the sending side of its link, and what it is known to have, is to be told, and has asked for.
 *
 * Not for transactions (`peer-transactions.ts`) and blocks (`peer-blocks.ts`) by themselves.
 */
import type { KnownRelayMessage, RelayMessage } from '@chain/wire'
import type { Clock } from '../clock.ts'
import type { Direction } from '../peers/peer.ts'
import type { LogPort } from '../ports.ts'
import type { Random } from '../random.ts'
import { FeeFilter } from './fee-filter.ts'
import { PeerBlocks } from './peer-blocks.ts'
import { type FindTransaction, PeerTransactions } from './peer-transactions.ts'
import { relayLimits } from './relay-limits.ts'
import { type MakeReply, ReplyQueue } from './reply-queue.ts'
import type { Trickle } from './trickle.ts'

/** A relay stream; a `RelayChannel` is one. */
export interface RelayLink {
  /** Ends or throws when the link is closed. */
  readonly messages: AsyncIterable<RelayMessage>
  /** Resolves when the message is on its way; rejects when the link is closed. */
  send(message: KnownRelayMessage): Promise<void>
  close(): Promise<void>
}

/** How the parts of a peer speak to it. */
export interface Outlet {
  /** Sends a message as soon as the stream takes it. */
  tell(message: KnownRelayMessage): void
  /** Sends an answer after those that wait. */
  reply(make: MakeReply): void
  /** How many answers wait. */
  readonly repliesWaiting: number
}

/** What a relay peer works with. */
export interface RelayPeerModules {
  readonly clock: Clock
  readonly random: Random
  readonly trickle: Trickle
  readonly find: FindTransaction
  readonly log: LogPort
}

/** A peer with a relay link. */
export class RelayPeer implements Outlet {
  readonly id: string
  readonly direction: Direction
  readonly transactions: PeerTransactions
  readonly blocks: PeerBlocks
  readonly feeFilter: FeeFilter
  readonly #link: RelayLink
  readonly #clock: Clock
  readonly #log: LogPort
  readonly #replies: ReplyQueue
  #excessAt = Number.NEGATIVE_INFINITY
  #endHold: (() => void) | undefined

  constructor(id: string, direction: Direction, link: RelayLink, modules: RelayPeerModules) {
    this.id = id
    this.direction = direction
    this.#link = link
    this.#clock = modules.clock
    this.#log = modules.log
    this.#replies = new ReplyQueue((message) => this.#send(message))
    this.feeFilter = new FeeFilter(modules.random)
    this.transactions = new PeerTransactions(this, direction, modules)
    this.blocks = new PeerBlocks(this, modules.clock)
  }

  get repliesWaiting(): number {
    return this.#replies.length
  }

  tell(message: KnownRelayMessage): void {
    void this.#send(message)
  }

  reply(make: MakeReply): void {
    this.#replies.push(make)
  }

  /** It was faster than allowed; says whether that is a fault of its own, and not part of the last one. */
  exceed(now: number): boolean {
    if (now - this.#excessAt < relayLimits.excessInterval) return false
    this.#excessAt = now
    return true
  }

  /** Resolves after some milliseconds, or when it is stopped. */
  hold(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(milliseconds, resolve)
      this.#endHold = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /** Stops telling it anything, and holding it back. */
  stop(): void {
    this.transactions.stop()
    this.#endHold?.()
    this.#replies.clear()
  }

  /** Sends what is queued and closes the link. */
  close(): Promise<void> {
    this.stop()
    return this.#link.close()
  }

  /** A link that is closed is noticed by whoever reads it. */
  #send(message: KnownRelayMessage): Promise<void> {
    return this.#link.send(message).catch((error: unknown) => {
      this.#log.debug({ peer: this.id, kind: message.kind, error }, 'A relay message was not sent')
    })
  }
}
