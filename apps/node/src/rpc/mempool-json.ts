/**
 * Waiting transactions as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `entryToJSON`
 */
import { ancestors, descendants, type MempoolEntry } from '@chain/core/mempool'
import { formatHash, transactionWeight, wtxid } from '@chain/core/primitives'
import { jsonAmount } from './json-amount.ts'

/** What is known of a waiting transaction. */
export function mempoolEntryJson(entry: MempoolEntry): Record<string, unknown> {
  const before = total([...ancestors(entry), entry])
  const after = total([...descendants(entry), entry])
  return {
    vsize: entry.size,
    weight: transactionWeight(entry.transaction),
    time: entry.time,
    descendantcount: after.count,
    descendantsize: after.size,
    ancestorcount: before.count,
    ancestorsize: before.size,
    wtxid: formatHash(wtxid(entry.transaction)),
    fees: {
      base: jsonAmount(entry.fee),
      modified: jsonAmount(entry.fee),
      ancestor: jsonAmount(before.fee),
      descendant: jsonAmount(after.fee),
    },
    depends: [...entry.parents].map(({ txid }) => formatHash(txid)),
    spentby: [...entry.children].map(({ txid }) => formatHash(txid)),
    'bip125-replaceable': false,
  }
}

function total(entries: readonly MempoolEntry[]): { count: number; size: number; fee: bigint } {
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  const fee = entries.reduce((sum, entry) => sum + entry.fee, 0n)
  return { count: entries.length, size, fee }
}
