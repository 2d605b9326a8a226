/** `invalidateblock`: refuses a block by the operator's word. */
import { rpcCodes } from '@chain/cli'
import { findBlock } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

export const invalidateBlock: RpcMethod = defineMethod({
  name: 'invalidateblock',
  summary: 'Treats a block as invalid, over restarts too, and takes the best branch without it.',
  parameters: { blockhash: blockHashParameter },
  run: async ({ blockhash }, { chain }) => {
    const node = findBlock(chain, blockhash)
    if (node === chain.genesis) {
      const message = 'The genesis block cannot be invalid.'
      throw new RpcError(rpcCodes.invalidParameter, 'genesis-not-invalid', message)
    }
    await chain.invalidate(node)
    return null
  },
})
