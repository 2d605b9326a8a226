/**
 * The block that an RPC method was asked for.
 */

import { rpcCodes } from '@chain/cli'
import type { Bytes } from '@chain/core/bytes'
import { type BlockNode, type BlockUndo, type ChainManager, decodeUndo } from '@chain/core/chain'
import { type BlockHash, formatHash } from '@chain/core/primitives'
import { RpcError } from './rpc-error.ts'

/** What is known of a block. @throws {RpcError} `not-found` */
export function findBlock(chain: ChainManager, hash: BlockHash): BlockNode {
  const node = chain.find(hash)
  if (node !== undefined) return node
  throw new RpcError(rpcCodes.invalidAddressOrKey, 'not-found', `Block not found: ${formatHash(hash)}.`)
}

/**
 * The encoded block.
 *
 * @throws {RpcError} `block-not-available` when only its header is here. Source: Bitcoin Core, `CheckBlockDataAvailability`
 */
export function readBody(chain: ChainManager, node: BlockNode): Bytes {
  const bytes = chain.readBody(node)
  if (bytes !== undefined) return bytes
  // A block that was connected had its body once.
  const isPruned = node.validity === 'connected' && !node.hasBody
  throw notAvailable(`Block not available (${isPruned ? 'pruned data' : 'not fully downloaded'})`)
}

/** What the block spent, by transaction after the coinbase. @throws {RpcError} `block-not-available` */
export function readSpent(chain: ChainManager, node: BlockNode): BlockUndo {
  const bytes = chain.readUndo(node)
  if (bytes === undefined)
    throw notAvailable('Undo data not available: the block was pruned or never connected')
  return decodeUndo(bytes)
}

function notAvailable(message: string): RpcError {
  return new RpcError(rpcCodes.miscellaneous, 'block-not-available', message)
}
