/** `getblock`: one block, as bytes or as JSON. */
import { toHex } from '@chain/core/bytes'
import { decodeBlock } from '@chain/core/primitives'
import { blockJson } from '../block-json.ts'
import { findBlock, readBody } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter, verbosityParameter } from '../parameters.ts'

export const getBlock: RpcMethod = defineMethod({
  name: 'getblock',
  summary:
    'A block: verbosity 0 gives its bytes in hexadecimal, 1 the ids of its transactions, 2 the transactions, 3 also what they spend.',
  parameters: { blockhash: blockHashParameter, verbosity: verbosityParameter(3, 1) },
  run: ({ blockhash, verbosity }, { chain }) => {
    const node = findBlock(chain, blockhash)
    const bytes = readBody(chain, node)
    return verbosity === 0 ? toHex(bytes) : blockJson(chain, node, decodeBlock(bytes), verbosity)
  },
})
