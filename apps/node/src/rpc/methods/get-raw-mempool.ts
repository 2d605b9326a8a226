/** `getrawmempool`: the transactions that wait for a block. */
import { formatHash } from '@chain/core/primitives'
import { z } from 'zod'
import { mempoolEntryJson } from '../mempool-json.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getRawMempool: RpcMethod = defineMethod({
  name: 'getrawmempool',
  summary: 'The ids of the transactions that wait for a block; with verbose, what is known of each.',
  parameters: { verbose: z.boolean().default(false) },
  run: ({ verbose }, { mempool }) => {
    const entries = [...mempool.entries()]
    if (!verbose) return entries.map(({ txid }) => formatHash(txid))
    return Object.fromEntries(
      entries.map((entry) => [formatHash(entry.txid), mempoolEntryJson(entry, mempool)]),
    )
  },
})
