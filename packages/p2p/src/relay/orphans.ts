/**
 * Transactions that spend outputs which are not known yet: kept for a while, because what they spend may be on its way.
 *
 * Bounds: `relayLimits.orphans` and `relayLimits.orphanBytes`; the oldest goes first.
 */
import { bytesKey } from '@chain/core/bytes'
import { type Transaction, type Txid, transactionLength, txid } from '@chain/core/primitives'
import { relayLimits } from './relay-limits.ts'

/** A transaction that waits, and who sent it. */
export interface Orphan {
  readonly transaction: Transaction
  readonly peer: string
}

/** The orphans, by their id and by what they wait for. */
export class Orphans {
  readonly #orphans = new Map<string, Orphan>()
  #bytes = 0

  /** How many wait. */
  get size(): number {
    return this.#orphans.size
  }

  /** Whether an orphan with this id is kept. */
  has(id: Txid): boolean {
    return this.#orphans.has(bytesKey(id))
  }

  /** Keeps an orphan; nothing happens when it is there already. */
  add(orphan: Orphan): void {
    const key = bytesKey(txid(orphan.transaction))
    if (this.#orphans.has(key)) return
    this.#orphans.set(key, orphan)
    this.#bytes += transactionLength(orphan.transaction)
    while (this.#orphans.size > relayLimits.orphans || this.#bytes > relayLimits.orphanBytes)
      this.#dropOldest()
  }

  /** Takes out those that spend an output of transaction `parent`. */
  takeChildren(parent: Txid): Orphan[] {
    const parentKey = bytesKey(parent)
    const spends = ({ transaction }: Orphan): boolean =>
      transaction.inputs.some(({ previousOutput }) => bytesKey(previousOutput.txid) === parentKey)
    const children = [...this.#orphans].filter(([, orphan]) => spends(orphan))
    for (const [key] of children) this.#drop(key)
    return children.map(([, orphan]) => orphan)
  }

  /** Drops what a peer sent. */
  removePeer(peer: string): void {
    for (const [key, orphan] of [...this.#orphans]) if (orphan.peer === peer) this.#drop(key)
  }

  #dropOldest(): void {
    const [key] = this.#orphans.keys()
    if (key !== undefined) this.#drop(key)
  }

  #drop(key: string): void {
    const orphan = this.#orphans.get(key)
    if (orphan === undefined) return
    this.#orphans.delete(key)
    this.#bytes -= transactionLength(orphan.transaction)
  }
}
