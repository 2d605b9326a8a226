/** `getmempoolinfo`: how much waits for a block, and what it takes to get in. */

import { jsonAmount } from '../json-amount.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getMempoolInfo: RpcMethod = defineMethod({
  name: 'getmempoolinfo',
  summary: 'How many transactions wait for a block, and the least fee rate that is accepted.',
  parameters: {},
  run: (_values, { mempool, mempoolKeeper }) => ({
    loaded: mempoolKeeper.isLoaded,
    size: mempool.count,
    bytes: mempool.size,
    total_fee: jsonAmount(mempool.fees),
    maxmempool: mempool.limits.maxMempoolSize,
    mempoolminfee: jsonAmount(mempool.minimumFeeRate),
    minrelaytxfee: jsonAmount(mempool.limits.minimumFeeRate),
    unbroadcastcount: mempool.unbroadcastCount,
    fullrbf: false,
  }),
})
