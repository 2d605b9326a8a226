/** `gettxoutproof`: the proof that transactions are in a block. */
import { rpcCodes } from '@chain/cli'
import { bytesKey, toHex } from '@chain/core/bytes'
import type { BlockNode } from '@chain/core/chain'
import {
  type BlockHash,
  createMerkleProof,
  decodeBlock,
  encodeMerkleBlock,
  type Txid,
  txids,
} from '@chain/core/primitives'
import { z } from 'zod'
import { createGiveWay } from '../../give-way.ts'
import type { RpcContext } from '../context.ts'
import { findBlock, readBody } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter, txidParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

/** Most transactions of one proof, and most outputs of a transaction: what fits into a block. */
const MAX_TXIDS = 16_666
const MAX_OUTPUTS = 111_111

export const getTxOutProof: RpcMethod = defineMethod({
  name: 'gettxoutproof',
  summary:
    'The proof that transactions are in a block, in hexadecimal; without the block, one of them needs an unspent output, or the node --txindex.',
  parameters: {
    txids: z.array(txidParameter).min(1).max(MAX_TXIDS),
    blockhash: blockHashParameter.optional(),
  },
  run: async ({ txids: wanted, blockhash }, context) => {
    if (new Set(wanted.map(bytesKey)).size < wanted.length) {
      throw new RpcError(rpcCodes.invalidParameter, 'usage', 'Invalid parameter, duplicated txid.')
    }
    const { header, transactions } = decodeBlock(
      readBody(context.chain, await findProofBlock(wanted, blockhash, context)),
    )
    const ids = txids(transactions)
    const known = new Set(ids.map(bytesKey))
    if (!wanted.every((id) => known.has(bytesKey(id)))) {
      throw notFound('Not all transactions found in specified or retrieved block')
    }
    return toHex(encodeMerkleBlock({ header, proof: createMerkleProof(ids, wanted) }))
  },
})

/** To look for an unspent output takes a tenth of a second for each id that has none. @throws {RpcError} `not-found` */
async function findProofBlock(
  wanted: readonly Txid[],
  hash: BlockHash | undefined,
  { chain, indexes }: RpcContext,
): Promise<BlockNode> {
  if (hash !== undefined) return findBlock(chain, hash)
  const place = wanted.map((id) => indexes.transactions?.find(id)).find((found) => found !== undefined)
  if (place !== undefined) return findBlock(chain, place.block.hash)
  const giveWay = createGiveWay()
  for (const txid of wanted) {
    for (let index = 0; index < MAX_OUTPUTS; index++) {
      const coin = chain.readCoin({ txid, index })
      if (coin !== undefined) return chain.at(coin.height) as BlockNode
      if (index % 256 === 0) await giveWay()
    }
  }
  throw notFound('Transaction not yet in block')
}

function notFound(message: string): RpcError {
  return new RpcError(rpcCodes.invalidAddressOrKey, 'not-found', `${message}.`)
}
