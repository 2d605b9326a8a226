/**
 * Transactions that spend outputs which are not known yet: kept for a while, because what they spend may be on its way.
 *
 * Bounded in number, bytes and time. Each peer has the same share: when there are too many, the oldest goes of the peer
 * that sent most, so that one peer cannot drive out what others sent. Pure: the clock is handed in.
 *
 * Source: docs/protocol/policy.md#orphans; Bitcoin Core, `TxOrphanage`
 */
import { bytesKey } from '../bytes/index.ts'
import { type Transaction, type Txid, transactionLength, txid } from '../primitives/index.ts'

/** A transaction that waits for those it spends, and who sent it. */
export interface Orphan {
  readonly transaction: Transaction
  /** Any name that tells senders apart. */
  readonly peer: string
}

/** Bounds of the orphans. */
export interface OrphanLimits {
  readonly maxCount: number
  /** Bytes of all of them, encoded. */
  readonly maxLength: number
  /** How long each is kept, in the unit of the clock. */
  readonly maxAge: number
}

interface Kept extends Orphan {
  readonly length: number
  readonly parents: ReadonlySet<string>
  readonly since: number
}

/** What one peer sent. */
interface Share {
  /** Oldest first. */
  readonly keys: Set<string>
  length: number
}

/** The orphans, by their id, by what they wait for and by who sent them. */
export class Orphans {
  readonly #limits: OrphanLimits
  /** Oldest first. */
  readonly #orphans = new Map<string, Kept>()
  /** Keys of those that spend an output of a transaction. */
  readonly #children = new Map<string, Set<string>>()
  readonly #shares = new Map<string, Share>()
  #length = 0

  constructor(limits: OrphanLimits) {
    this.#limits = limits
  }

  /** How many wait. */
  get size(): number {
    return this.#orphans.size
  }

  /** Bytes of all of them, encoded. */
  get length(): number {
    return this.#length
  }

  /** Whether an orphan with this id is kept. */
  has(id: Txid): boolean {
    return this.#orphans.has(bytesKey(id))
  }

  /**
   * Keeps an orphan; nothing happens when it is there already.
   *
   * @param now - never goes back
   */
  add({ transaction, peer }: Orphan, now: number): void {
    const key = bytesKey(txid(transaction))
    if (this.#orphans.has(key)) return
    const parents = new Set(transaction.inputs.map(({ previousOutput }) => bytesKey(previousOutput.txid)))
    const length = transactionLength(transaction)
    this.#orphans.set(key, { transaction, peer, length, parents, since: now })
    for (const parent of parents) this.#childrenOf(parent).add(key)
    const share = this.#shareOf(peer)
    share.keys.add(key)
    share.length += length
    this.#length += length
    while (this.size > this.#limits.maxCount || this.#length > this.#limits.maxLength) this.#dropOne()
  }

  /** Drops an orphan; nothing happens when it is not there. */
  delete(id: Txid): void {
    const key = bytesKey(id)
    if (this.#orphans.has(key)) this.#drop(key)
  }

  /** Takes out those that spend an output of transaction `parent`, in the order in which they came. */
  takeChildren(parent: Txid): Orphan[] {
    const keys = [...(this.#children.get(bytesKey(parent)) ?? [])]
    return keys.map((key) => {
      const { transaction, peer } = this.#drop(key)
      return { transaction, peer }
    })
  }

  /** Drops what a peer sent, and returns it. */
  removePeer(peer: string): Transaction[] {
    return [...(this.#shares.get(peer)?.keys ?? [])].map((key) => this.#drop(key).transaction)
  }

  /** Drops those that are too old. */
  expire(now: number): void {
    for (const [key, { since }] of this.#orphans) {
      if (now - since < this.#limits.maxAge) return
      this.#drop(key)
    }
  }

  #childrenOf(parent: string): Set<string> {
    const children = this.#children.get(parent) ?? new Set()
    this.#children.set(parent, children)
    return children
  }

  #shareOf(peer: string): Share {
    const share = this.#shares.get(peer) ?? { keys: new Set(), length: 0 }
    this.#shares.set(peer, share)
    return share
  }

  /** Drops the oldest of the peer that takes most of what is short. */
  #dropOne(): void {
    const isCountShort = this.size > this.#limits.maxCount
    const weigh = ({ keys, length }: Share): number => (isCountShort ? keys.size : length)
    const shares = [...this.#shares.values()]
    const largest = shares.reduce((most, share) => (weigh(share) > weigh(most) ? share : most))
    const [oldest] = largest.keys
    this.#drop(oldest as string)
  }

  #drop(key: string): Kept {
    const orphan = this.#orphans.get(key) as Kept
    this.#orphans.delete(key)
    this.#length -= orphan.length
    for (const parent of orphan.parents) {
      const children = this.#childrenOf(parent)
      children.delete(key)
      if (children.size === 0) this.#children.delete(parent)
    }
    const share = this.#shareOf(orphan.peer)
    share.keys.delete(key)
    share.length -= orphan.length
    if (share.keys.size === 0) this.#shares.delete(orphan.peer)
    return orphan
  }
}
