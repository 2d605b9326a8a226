/** `getblockheader`: one header, as JSON or as its 80 bytes. */
import { toHex } from '@chain/core/bytes'
import { encodeHeader } from '@chain/core/primitives'
import { z } from 'zod'
import { headerJson } from '../block-json.ts'
import { findBlock } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter } from '../parameters.ts'

export const getBlockHeader: RpcMethod = defineMethod({
  name: 'getblockheader',
  summary:
    'A block header with its place in the chain, or its 80 bytes in hexadecimal when verbose is false.',
  parameters: { blockhash: blockHashParameter, verbose: z.boolean().default(true) },
  run: ({ blockhash, verbose }, { chain }) => {
    const node = findBlock(chain, blockhash)
    return verbose ? headerJson(chain, node) : toHex(encodeHeader(node.header))
  },
})
