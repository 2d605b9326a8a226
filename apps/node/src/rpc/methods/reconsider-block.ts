/** `reconsiderblock`: takes back what `invalidateblock` said. */
import { findBlock } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter } from '../parameters.ts'

export const reconsiderBlock: RpcMethod = defineMethod({
  name: 'reconsiderblock',
  summary:
    'Forgets that a block, those before it and those that build on it are invalid, and judges them anew.',
  parameters: { blockhash: blockHashParameter },
  run: async ({ blockhash }, { chain }) => {
    await chain.reconsider(findBlock(chain, blockhash))
    return null
  },
})
