/** `getblockhash`: the block of the active chain at a height. */

import { rpcCodes } from '@chain/cli'
import { formatHash } from '@chain/core/primitives'
import { defineMethod, type RpcMethod } from '../method.ts'
import { heightParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

export const getBlockHash: RpcMethod = defineMethod({
  name: 'getblockhash',
  summary: 'The hash of the block of the active chain at a height.',
  parameters: { height: heightParameter },
  run: ({ height }, { chain }) => {
    const node = chain.at(height)
    if (node !== undefined) return formatHash(node.hash)
    const message = `Block height out of range: ${height} is not from 0 to ${chain.tip.height}.`
    throw new RpcError(rpcCodes.invalidParameter, 'height-out-of-range', message)
  },
})
