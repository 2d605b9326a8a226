/**
 * Letting a transaction in: what it replaces goes, and when there are too many virtual bytes, what pays least goes too.
 * When that would be the newcomer itself, everything stays as it was.
 *
 * Source: Bitcoin Core, `CTxMemPool::TrimToSize`; docs/protocol/policy.md#size
 */
import type { FeeRate } from './fee-rate.ts'
import { childrenFirst, descendants, type MempoolEntry } from './mempool-entry.ts'
import type { MempoolIndex } from './mempool-index.ts'

/** What becomes of the others when a transaction comes. */
export interface Admission {
  /** Whether there is room for it. */
  readonly fits: boolean
  /** What had to go for want of room, children before their parents; without the newcomer. */
  readonly evicted: readonly MempoolEntry[]
  /** The highest fee rate that found no room, dependents counted in; `undefined` where all did. */
  readonly evictedFeeRate: FeeRate | undefined
}

/**
 * Lets an entry in if there is room.
 *
 * @param replaced - entries that go for it, with all that depends on them
 * @param maxSize - virtual bytes of all entries
 * @param options.isTrial - leave everything as it was and only tell what would happen
 */
export function admit(
  index: MempoolIndex,
  entry: MempoolEntry,
  replaced: ReadonlySet<MempoolEntry>,
  maxSize: number,
  options: { isTrial?: boolean } = {},
): Admission {
  const leaving = childrenFirst(replaced)
  for (const one of leaving) index.unlink(one)
  index.link(entry)
  const { unlinked, evictedFeeRate } = trim(index, maxSize)
  const fits = !unlinked.includes(entry)
  const evicted = unlinked.filter((one) => one !== entry)
  if (fits && options.isTrial !== true) {
    for (const one of [...leaving, ...evicted]) index.unlist(one)
    index.list(entry)
  } else {
    for (const one of unlinked.reverse()) index.link(one)
    index.unlink(entry)
    for (const one of leaving.reverse()) index.link(one)
  }
  return { fits, evicted, evictedFeeRate }
}

/** Unlinks what pays least, with all that depends on it, until the rest has at most `maxSize` virtual bytes. */
function trim(
  index: MempoolIndex,
  maxSize: number,
): { unlinked: MempoolEntry[]; evictedFeeRate: FeeRate | undefined } {
  const unlinked: MempoolEntry[] = []
  let evictedFeeRate: FeeRate | undefined
  while (index.size > maxSize) {
    const lowest = index.lowest as MempoolEntry
    const rate = index.descendantFeeRate(lowest)
    if (evictedFeeRate === undefined || rate > evictedFeeRate) evictedFeeRate = rate
    for (const one of childrenFirst([lowest, ...descendants(lowest)])) {
      index.unlink(one)
      unlinked.push(one)
    }
  }
  return { unlinked, evictedFeeRate }
}
