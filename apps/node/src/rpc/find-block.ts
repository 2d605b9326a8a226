/**
 * The block that an RPC method was asked for.
 */

import { rpcCodes } from '@chain/cli'
import type { Bytes } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { type BlockHash, formatHash } from '@chain/core/primitives'
import { RpcError } from './rpc-error.ts'

/** What is known of a block. @throws {RpcError} `not-found` */
export function findBlock(chain: ChainManager, hash: BlockHash): BlockNode {
  const node = chain.find(hash)
  if (node !== undefined) return node
  throw new RpcError(rpcCodes.invalidAddressOrKey, 'not-found', `Block not found: ${formatHash(hash)}.`)
}

/** The encoded block. @throws {RpcError} `block-not-available` when only its header is here */
export function readBody(chain: ChainManager, node: BlockNode): Bytes {
  const bytes = chain.readBody(node)
  if (bytes !== undefined) return bytes
  const message = `Block not available: only the header of ${formatHash(node.hash)} is here.`
  throw new RpcError(rpcCodes.miscellaneous, 'block-not-available', message)
}
