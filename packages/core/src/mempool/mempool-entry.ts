/** A waiting transaction with what the mempool knows of it. */
import type { Transaction, Txid } from '../primitives/index.ts'
import type { Amount, UnixTime } from '../units/index.ts'

export interface MempoolEntry {
  readonly transaction: Transaction
  readonly txid: Txid
  /** Base units. */
  readonly fee: Amount
  /** Virtual bytes. */
  readonly size: number
  /** When it was accepted. */
  readonly time: UnixTime
  /** Waiting transactions whose outputs it spends. Bounded by the policy's chain length. */
  readonly parents: Set<MempoolEntry>
  /** Waiting transactions that spend its outputs. Bounded by the policy's chain length. */
  readonly children: Set<MempoolEntry>
}

/** All that the entry depends on, in no particular order, without itself. */
export function ancestors(entry: { readonly parents: ReadonlySet<MempoolEntry> }): Set<MempoolEntry> {
  return collect(entry.parents, ({ parents }) => parents)
}

/** All that depends on the entry, in no particular order, without itself. */
export function descendants(entry: MempoolEntry): Set<MempoolEntry> {
  return collect(entry.children, ({ children }) => children)
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
