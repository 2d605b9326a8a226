/**
 * A state of the data file that is being read, and by how many: LMDB keeps its pages until nobody does any more.
 */
import { invariant } from '@chain/core/errors'
import type { Transaction } from 'lmdb'

/** One read transaction of LMDB, shared. Reading from it after its end would be reading freed memory. */
export class Snapshot {
  /** To read with, while somebody holds it. */
  readonly transaction: Transaction
  /** Who reads from it; the environment itself is the first. */
  #holders = 1

  /** @param transaction - ended when the last holder has released it */
  constructor(transaction: Transaction) {
    this.transaction = transaction
  }

  /** Whether nobody holds it any more. */
  get isReleased(): boolean {
    return this.#holders === 0
  }

  /** One more holder. */
  hold(): void {
    invariant(!this.isReleased, 'A snapshot that has ended cannot be held.')
    this.#holders += 1
  }

  /** One holder less; nothing happens after the end. */
  release(): void {
    if (this.isReleased) return
    this.#holders -= 1
    if (this.isReleased) this.transaction.done()
  }

  /** Takes it away from all holders. */
  end(): void {
    if (this.isReleased) return
    this.#holders = 0
    this.transaction.done()
  }
}
