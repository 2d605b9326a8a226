/** `getbestblockhash`: the hash of the last block of the active chain. */
import { formatHash } from '@chain/core/primitives'
import { defineMethod, type RpcMethod } from '../method.ts'

export const getBestBlockHash: RpcMethod = defineMethod({
  name: 'getbestblockhash',
  summary: 'The hash of the last block of the active chain.',
  parameters: {},
  run: (_values, { chain }) => formatHash(chain.tip.hash),
})
