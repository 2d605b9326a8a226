/**
 * The waiting transactions, found by id, by what they spend and by who leaves first.
 *
 * It keeps the links between parents and children and all totals right; what may enter is decided elsewhere.
 */
import { bytesKey } from '../bytes/index.ts'
import { invariant } from '../errors/index.ts'
import { type OutPoint, outpointKey, type Transaction, type Txid } from '../primitives/index.ts'
import type { Amount } from '../units/index.ts'
import { EvictionQueue } from './eviction-queue.ts'
import type { FeeRate } from './fee-rate.ts'
import type { MempoolEntry } from './mempool-entry.ts'

/** Bounded by whoever adds to it. */
export class MempoolIndex {
  readonly #entries = new Map<string, MempoolEntry>()
  /** Which entry spends an outpoint. */
  readonly #spenders = new Map<string, MempoolEntry>()
  readonly #eviction = new EvictionQueue()
  #size = 0
  #fees: Amount = 0n

  /** How many transactions wait. */
  get count(): number {
    return this.#entries.size
  }

  /** Virtual bytes of all that are linked. */
  get size(): number {
    return this.#size
  }

  /** What all that are linked pay, in base units. */
  get fees(): Amount {
    return this.#fees
  }

  /** The entry to give up first, with all that depends on it. */
  get lowest(): MempoolEntry | undefined {
    return this.#eviction.first
  }

  /** The entry of a waiting transaction, or `undefined`. */
  get(id: Txid): MempoolEntry | undefined {
    return this.#entries.get(bytesKey(id))
  }

  /** The waiting transaction that spends an output, or `undefined`. */
  spender(outpoint: OutPoint): MempoolEntry | undefined {
    return this.#spenders.get(outpointKey(outpoint))
  }

  /** In the order in which they were added; parents stand before their children. */
  entries(): MapIterator<MempoolEntry> {
    return this.#entries.values()
  }

  /** The waiting transactions whose outputs a transaction spends. */
  parentsOf(transaction: Transaction): Set<MempoolEntry> {
    const parents = new Set<MempoolEntry>()
    for (const { previousOutput } of transaction.inputs) {
      const parent = this.get(previousOutput.txid)
      if (parent !== undefined) parents.add(parent)
    }
    return parents
  }

  /** What an entry pays together with all that depends on it. */
  descendantFeeRate(entry: MempoolEntry): FeeRate {
    return this.#eviction.rateOf(entry)
  }

  /** Adds an entry and links it. */
  add(entry: MempoolEntry): void {
    this.link(entry)
    this.list(entry)
  }

  /** Takes away an entry that either nothing depends on, or that depends on nothing. */
  delete(entry: MempoolEntry): void {
    this.unlink(entry)
    this.unlist(entry)
  }

  /** Makes a linked entry known by its id. */
  list(entry: MempoolEntry): void {
    this.#entries.set(bytesKey(entry.txid), entry)
  }

  /** Takes an entry's id away. */
  unlist(entry: MempoolEntry): void {
    this.#entries.delete(bytesKey(entry.txid))
  }

  /** Counts an entry in and binds it to its parents; `unlink` is its exact inverse for entries without children. */
  link(entry: MempoolEntry): void {
    for (const parent of entry.parents) parent.children.add(entry)
    for (const { previousOutput } of entry.transaction.inputs)
      this.#spenders.set(outpointKey(previousOutput), entry)
    this.#size += entry.size
    this.#fees += entry.fee
    this.#eviction.add(entry)
  }

  /** Counts an entry out, and frees its relatives of it; it still names its parents itself. */
  unlink(entry: MempoolEntry): void {
    invariant(
      entry.children.size === 0 || entry.parents.size === 0,
      'An entry between others does not leave without those that depend on it.',
    )
    this.#eviction.delete(entry)
    for (const { previousOutput } of entry.transaction.inputs)
      this.#spenders.delete(outpointKey(previousOutput))
    for (const parent of entry.parents) parent.children.delete(entry)
    for (const child of entry.children) child.parents.delete(entry)
    this.#size -= entry.size
    this.#fees -= entry.fee
  }

  /** Changes what an entry counts as paying beyond its fee. */
  reprioritise(entry: MempoolEntry, feeDelta: Amount): void {
    const change = feeDelta - entry.feeDelta
    entry.feeDelta = feeDelta
    this.#eviction.reprioritise(entry, change)
  }
}
