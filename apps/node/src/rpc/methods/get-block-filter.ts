/** `getblockfilter`: the filter of a block for light clients. */
import { rpcCodes } from '@chain/cli'
import { toHex } from '@chain/core/bytes'
import type { BlockNode } from '@chain/core/chain'
import { formatHash } from '@chain/core/primitives'
import { z } from 'zod'
import type { RpcContext } from '../context.ts'
import { findBlock } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

export const getBlockFilter: RpcMethod = defineMethod({
  name: 'getblockfilter',
  summary:
    'The BIP158 filter of a block of the active chain, and its BIP157 filter header; needs --filterindex.',
  parameters: { blockhash: blockHashParameter, filtertype: z.string().max(100).default('basic') },
  run: ({ blockhash, filtertype }, context) => {
    const { chain, indexes } = context
    if (filtertype !== 'basic') {
      throw new RpcError(rpcCodes.invalidAddressOrKey, 'filter-type-unknown', 'Unknown filtertype')
    }
    if (indexes.filters === undefined) {
      const message = `Index is not enabled for filtertype ${filtertype}: start the node with --filterindex.`
      throw new RpcError(rpcCodes.miscellaneous, 'index-not-enabled', message)
    }
    const node = findBlock(chain, blockhash)
    const found = indexes.filters.find(node)
    if (found === undefined) throw filterMissing(node, context)
    return { filter: toHex(found.filter), header: formatHash(found.header) }
  },
})

function filterMissing(node: BlockNode, { chain }: RpcContext): RpcError {
  return chain.isActive(node)
    ? new RpcError(
        rpcCodes.miscellaneous,
        'index-not-synced',
        'Filter not found. Block filters are still in the process of being indexed.',
      )
    : new RpcError(
        rpcCodes.invalidAddressOrKey,
        'not-found',
        'Filter not found. Block was not connected to active chain.',
      )
}
