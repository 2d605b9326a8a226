/**
 * Waiting transactions as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `entryToJSON`
 */
import {
  ancestorTotals,
  descendantTotals,
  type Mempool,
  type MempoolEntry,
  modifiedFee,
} from '@chain/core/mempool'
import { formatHash, wtxid } from '@chain/core/primitives'
import { jsonAmount } from './json-amount.ts'

/** What a mempool knows of a waiting transaction. */
export function mempoolEntryJson(
  entry: MempoolEntry,
  mempool: Pick<Mempool, 'isUnbroadcast'>,
): Record<string, unknown> {
  const before = ancestorTotals(entry)
  const after = descendantTotals(entry)
  return {
    vsize: entry.size,
    weight: entry.weight,
    time: entry.time,
    descendantcount: after.count,
    descendantsize: after.size,
    ancestorcount: before.count,
    ancestorsize: before.size,
    wtxid: formatHash(wtxid(entry.transaction)),
    fees: {
      base: jsonAmount(entry.fee),
      modified: jsonAmount(modifiedFee(entry)),
      ancestor: jsonAmount(before.fee),
      descendant: jsonAmount(after.fee),
    },
    depends: [...entry.parents].map(({ txid }) => formatHash(txid)),
    spentby: [...entry.children].map(({ txid }) => formatHash(txid)),
    'bip125-replaceable': true,
    unbroadcast: mempool.isUnbroadcast(entry.txid),
  }
}
