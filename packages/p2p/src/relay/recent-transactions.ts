/**
 * Transactions that came by and do not wait here: replaced, evicted, refused by policy, or orphans. A block may hold them all
 * the same, and then they need not be sent again.
 *
 * Bounds: `relayLimits.recentTransactions` and `relayLimits.recentBytes`; the oldest go first.
 *
 * Source: Bitcoin Core, `vExtraTxnForCompact`
 */
import { type Transaction, transactionLength } from '@chain/core/primitives'
import { relayLimits } from './relay-limits.ts'

/** The transactions that came by last. */
export class RecentTransactions {
  /** Oldest first, with their lengths. */
  readonly #lengths = new Map<Transaction, number>()
  #bytes = 0

  /** How many are kept. */
  get size(): number {
    return this.#lengths.size
  }

  /** Keeps a transaction for a while. */
  add(transaction: Transaction): void {
    if (this.#lengths.has(transaction)) return
    const length = transactionLength(transaction)
    this.#lengths.set(transaction, length)
    this.#bytes += length
    for (const [oldest, bytes] of this.#lengths) {
      if (this.size <= relayLimits.recentTransactions && this.#bytes <= relayLimits.recentBytes) return
      this.#lengths.delete(oldest)
      this.#bytes -= bytes
    }
  }

  /** All of them, oldest first. */
  [Symbol.iterator](): Iterator<Transaction> {
    return this.#lengths.keys()
  }
}
