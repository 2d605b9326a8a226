/**
 * The order in which miners take waiting transactions: packages of an entry and all that it depends on, best fee rate
 * first, so that a child pays for its parent. What was taken no longer counts for those that depend on it.
 *
 * Taking an entry changes the rank of each of its descendants, of which the policy allows few: all n entries take
 * O(d * n log n) steps, where d is the number of descendants of one.
 *
 * Signature operations need no limit of their own: each of what policy lets in weighs far more than its share of a block.
 *
 * Source: Bitcoin Core, `BlockAssembler::addPackageTxs`; docs/protocol/policy.md#order-of-mining
 */
import { computeFeeRate, type FeeRate } from './fee-rate.ts'
import { type HeapItem, IndexedHeap } from './indexed-heap.ts'
import { ancestors, childrenFirst, descendants, type MempoolEntry, modifiedFee } from './mempool-entry.ts'

/** An entry in its place in the order. */
export interface MiningPlace {
  readonly entry: MempoolEntry
  /** Of the package that the entry was taken with. */
  readonly feeRate: FeeRate
  /** Virtual bytes of all that were taken before. */
  readonly sizeAhead: number
}

/** An entry with those it depends on that were not taken yet, and what they are together. */
interface Package extends HeapItem {
  readonly entry: MempoolEntry
  readonly arrival: number
  fee: number
  size: number
  weight: number
  isTaken: boolean
}

/**
 * Entries in the order of mining, as far as the room goes.
 *
 * @param entries - with all that they depend on
 * @param maxWeight - most weight of all that are taken
 */
export function orderForMining(entries: Iterable<MempoolEntry>, maxWeight: number): MiningPlace[] {
  return new MiningOrder(entries).take(maxWeight)
}

/**
 * The entries for a block, in the order in which they are given.
 *
 * @param entries - parents before their children
 * @param maxWeight - most weight of all chosen transactions
 */
export function selectEntries(entries: Iterable<MempoolEntry>, maxWeight: number): MempoolEntry[] {
  const all = [...entries]
  const chosen = new Set(orderForMining(all, maxWeight).map(({ entry }) => entry))
  return all.filter((entry) => chosen.has(entry))
}

class MiningOrder {
  readonly #packages = new Map<MempoolEntry, Package>()
  readonly #heap = new IndexedHeap<Package>(paysMore)
  readonly #taken: MiningPlace[] = []
  #sizeAhead = 0

  constructor(entries: Iterable<MempoolEntry>) {
    for (const entry of entries) this.#packages.set(entry, this.#packageOf(entry))
    for (const one of this.#packages.values()) this.#heap.add(one)
  }

  take(maxWeight: number): MiningPlace[] {
    let room = maxWeight
    for (let best = this.#heap.first; best !== undefined; best = this.#heap.first) {
      this.#heap.delete(best)
      if (best.weight > room) continue
      room -= best.weight
      this.#takePackage(best)
    }
    return this.#taken
  }

  #packageOf(entry: MempoolEntry): Package {
    const before = ancestors(entry)
    let fee = Number(modifiedFee(entry))
    let { size, weight } = entry
    for (const ancestor of before) {
      fee += Number(modifiedFee(ancestor))
      size += ancestor.size
      weight += ancestor.weight
    }
    return { entry, arrival: this.#packages.size, fee, size, weight, isTaken: false, place: -1 }
  }

  #takePackage({ entry, fee, size }: Package): void {
    const feeRate = computeFeeRate(BigInt(fee), size)
    const missing = [entry, ...ancestors(entry)].filter((one) => this.#packages.get(one)?.isTaken === false)
    for (const one of childrenFirst(missing).reverse()) this.#takeEntry(one, feeRate)
  }

  #takeEntry(entry: MempoolEntry, feeRate: FeeRate): void {
    const own = this.#packages.get(entry) as Package
    own.isTaken = true
    this.#heap.delete(own)
    this.#taken.push({ entry, feeRate, sizeAhead: this.#sizeAhead })
    this.#sizeAhead += entry.size
    for (const dependent of descendants(entry)) this.#relieve(this.#packages.get(dependent), entry)
  }

  /** Takes an entry out of the package of one that depends on it. */
  #relieve(dependent: Package | undefined, entry: MempoolEntry): void {
    if (dependent === undefined) return
    dependent.fee -= Number(modifiedFee(entry))
    dependent.size -= entry.size
    dependent.weight -= entry.weight
    if (this.#heap.has(dependent)) this.#heap.update(dependent)
  }
}

/** The higher fee rate comes first; of equals, the one that came first. Doubles are exact enough for a rank. */
function paysMore(a: Package, b: Package): boolean {
  const difference = a.fee / a.size - b.fee / b.size
  return difference > 0 || (difference === 0 && a.arrival < b.arrival)
}
