/**
 * How fast a peer may tell and ask: messages, and the transaction ids in them. Pure: the clock is handed in.
 *
 * Transactions themselves do not count: those that were asked for are this node's own doing, and others cost points.
 *
 * Source: docs/protocol/peers.md#pace
 */
import type { RelayMessage } from '@chain/wire'
import { Allowances } from '../allowances.ts'
import { relayLimits } from './relay-limits.ts'

/** The pace of all peers, over their reconnections too. Bound: that of {@link Allowances}. */
export class RelayPace {
  readonly #messages = new Allowances({
    burst: relayLimits.messageBurst,
    perSecond: relayLimits.messagesPerSecond,
  })
  readonly #ids = new Allowances({ burst: relayLimits.idBurst, perSecond: relayLimits.idsPerSecond })

  /** Counts a message and returns for how many milliseconds nothing of the peer is to be dealt with. */
  take(peer: string, message: RelayMessage, now: number): number {
    if (message.kind === 'transaction') return 0
    const ids = 'transactions' in message ? message.transactions.length : 0
    return Math.max(this.#messages.take(peer, 1, now), this.#ids.take(peer, ids, now))
  }
}
