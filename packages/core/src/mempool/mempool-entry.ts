/** A waiting transaction with what the mempool knows of it, and its family among the others that wait. */
import { type Transaction, type Txid, transactionWeight, txid } from '../primitives/index.ts'
import type { Amount, Height, UnixTime } from '../units/index.ts'

/** A transaction that waits, with what choosing among those that wait needs to know. */
export interface MempoolEntry {
  readonly transaction: Transaction
  readonly txid: Txid
  /** What it pays, in base units. */
  readonly fee: Amount
  /** What it counts as paying beyond its fee, in base units; `Mempool.prioritise` changes it. */
  feeDelta: Amount
  /** Virtual bytes. */
  readonly size: number
  readonly weight: number
  /** When it was accepted. */
  readonly time: UnixTime
  /** Of the tip when it was accepted. */
  readonly height: Height
  /** Waiting transactions whose outputs it spends. Bounded by `PolicyLimits.maxAncestors`. */
  readonly parents: Set<MempoolEntry>
  /** Waiting transactions that spend its outputs. Bounded by `PolicyLimits.maxDescendants`. */
  readonly children: Set<MempoolEntry>
}

/** A new entry that nothing depends on yet. */
export function createEntry(
  { transaction, fee, size, parents }: Pick<MempoolEntry, 'transaction' | 'fee' | 'size' | 'parents'>,
  circumstances: Pick<MempoolEntry, 'feeDelta' | 'time' | 'height'>,
): MempoolEntry {
  const weight = transactionWeight(transaction)
  return {
    transaction,
    txid: txid(transaction),
    fee,
    size,
    weight,
    parents,
    children: new Set(),
    ...circumstances,
  }
}

/** Some entries together. */
export interface EntryTotals {
  readonly count: number
  /** Virtual bytes. */
  readonly size: number
  /** Base units, without what `prioritise` added. */
  readonly fee: Amount
  /** Base units, with what `prioritise` added. */
  readonly modifiedFee: Amount
}

/** What an entry counts as paying when it is compared with others, in base units. */
export function modifiedFee({ fee, feeDelta }: Pick<MempoolEntry, 'fee' | 'feeDelta'>): Amount {
  return fee + feeDelta
}

/** All that the entry depends on, in no particular order, without itself. */
export function ancestors(entry: { readonly parents: ReadonlySet<MempoolEntry> }): Set<MempoolEntry> {
  return collect(entry.parents, ({ parents }) => parents)
}

/** All that depends on the entry, in no particular order, without itself. */
export function descendants(entry: { readonly children: ReadonlySet<MempoolEntry> }): Set<MempoolEntry> {
  return collect(entry.children, ({ children }) => children)
}

/** An entry and all that it depends on, together. */
export function ancestorTotals(entry: MempoolEntry): EntryTotals {
  return totalsOf([entry, ...ancestors(entry)])
}

/** An entry and all that depends on it, together. */
export function descendantTotals(entry: MempoolEntry): EntryTotals {
  return totalsOf([entry, ...descendants(entry)])
}

/** The entries with children before their parents: the order in which they can be taken away. */
export function childrenFirst(entries: Iterable<MempoolEntry>): MempoolEntry[] {
  // A child has all ancestors of its parent, and the parent.
  const depths = Array.from(entries, (entry) => [ancestors(entry).size, entry] as const)
  return depths.sort(([a], [b]) => b - a).map(([, entry]) => entry)
}

function totalsOf(entries: readonly MempoolEntry[]): EntryTotals {
  let size = 0
  let fee = 0n
  let delta = 0n
  for (const entry of entries) {
    size += entry.size
    fee += entry.fee
    delta += entry.feeDelta
  }
  return { count: entries.length, size, fee, modifiedFee: fee + delta }
}

function collect(
  start: ReadonlySet<MempoolEntry>,
  next: (entry: MempoolEntry) => ReadonlySet<MempoolEntry>,
): Set<MempoolEntry> {
  const found = new Set(start)
  // A set yields what is added to it while it is walked.
  for (const entry of found) for (const further of next(entry)) found.add(further)
  return found
}
