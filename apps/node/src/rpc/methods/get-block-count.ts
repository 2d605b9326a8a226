/** `getblockcount`: the height of the active chain. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const getBlockCount: RpcMethod = defineMethod({
  name: 'getblockcount',
  summary: 'The height of the active chain; the genesis block has height 0.',
  parameters: {},
  run: (_values, { chain }) => chain.tip.height,
})
