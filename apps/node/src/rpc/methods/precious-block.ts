/** `preciousblock`: prefers a block among those with equal work. */
import { findBlock } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter } from '../parameters.ts'

export const preciousBlock: RpcMethod = defineMethod({
  name: 'preciousblock',
  summary: 'Treats a block as if it had come before others with the same work, until the node ends.',
  parameters: { blockhash: blockHashParameter },
  run: async ({ blockhash }, { chain }) => {
    await chain.prefer(findBlock(chain, blockhash))
    return null
  },
})
