/**
 * Which waiting transaction is given up first when memory is short: the one that pays least together with all that
 * depends on it. A transaction that itself pays more than with its dependents counts by itself, for it may stay without
 * them.
 *
 * A transaction that comes or goes changes the rank of each of its ancestors, of which the policy allows few, so that
 * either takes O(ancestors * log n) steps.
 *
 * Source: Bitcoin Core, `CompareTxMemPoolEntryByDescendantScore`; docs/protocol/policy.md#size
 */
import { computeFeeRate, type FeeRate } from './fee-rate.ts'
import { type HeapItem, IndexedHeap } from './indexed-heap.ts'
import { ancestors, type MempoolEntry, modifiedFee } from './mempool-entry.ts'

/** An entry with all that depends on it. */
interface Family extends HeapItem {
  readonly entry: MempoolEntry
  readonly arrival: number
  fee: bigint
  size: number
  /** Base units per virtual byte; a double is exact enough for a rank. */
  rate: number
}

/** Bounded by the entries of the mempool. */
export class EvictionQueue {
  readonly #families = new Map<MempoolEntry, Family>()
  readonly #heap = new IndexedHeap<Family>(leavesBefore)
  #arrivals = 0

  /** The entry that is given up first, with all that depends on it. */
  get first(): MempoolEntry | undefined {
    return this.#heap.first?.entry
  }

  /** What an entry pays together with all that depends on it, in base units per 1,000 virtual bytes. */
  rateOf(entry: MempoolEntry): FeeRate {
    const { fee, size } = this.#families.get(entry) as Family
    return computeFeeRate(fee, size)
  }

  /** Adds an entry that is linked with its parents, and that nothing depends on yet. */
  add(entry: MempoolEntry): void {
    const family = { entry, arrival: this.#arrivals++, fee: 0n, size: 0, rate: 0, place: 0 }
    this.#families.set(entry, family)
    this.#heap.add(family)
    this.#change(family, modifiedFee(entry), entry.size)
    this.#changeAncestors(entry, modifiedFee(entry), entry.size)
  }

  /** Takes out an entry that is still linked with its parents. */
  delete(entry: MempoolEntry): void {
    const family = this.#families.get(entry)
    if (family === undefined) return
    this.#families.delete(entry)
    this.#heap.delete(family)
    this.#changeAncestors(entry, -modifiedFee(entry), -entry.size)
  }

  /** Takes notice that the entry's `feeDelta` has grown by `change`. */
  reprioritise(entry: MempoolEntry, change: bigint): void {
    this.#change(this.#families.get(entry) as Family, change, 0)
    this.#changeAncestors(entry, change, 0)
  }

  #changeAncestors(entry: MempoolEntry, fee: bigint, size: number): void {
    for (const ancestor of ancestors(entry)) this.#change(this.#families.get(ancestor) as Family, fee, size)
  }

  #change(family: Family, fee: bigint, size: number): void {
    family.fee += fee
    family.size += size
    const alone = Number(modifiedFee(family.entry)) / family.entry.size
    family.rate = Math.max(Number(family.fee) / family.size, alone)
    this.#heap.update(family)
  }
}

/** The lowest rate leaves first; of equals, the one that came last. */
function leavesBefore(a: Family, b: Family): boolean {
  return a.rate < b.rate || (a.rate === b.rate && a.arrival > b.arrival)
}
