/** `verifytxoutproof`: which transactions a proof shows to be in the chain. */
import { rpcCodes } from '@chain/cli'
import { fromHex } from '@chain/core/bytes'
import { ChainError } from '@chain/core/errors'
import {
  blockHash,
  decodeMerkleBlock,
  formatHash,
  type MerkleBlock,
  verifyMerkleBlock,
} from '@chain/core/primitives'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

/** Longest proof in hexadecimal digits: all transactions of the fullest block. */
const MAX_PROOF_HEX = 1_200_000

export const verifyTxOutProof: RpcMethod = defineMethod({
  name: 'verifytxoutproof',
  summary:
    'The ids of the transactions that a proof shows to be in a block of the active chain; none when it proves nothing.',
  parameters: { proof: z.string().max(MAX_PROOF_HEX) },
  run: ({ proof }, { chain }) => {
    const merkleBlock = decodeProof(proof)
    const node = chain.find(blockHash(merkleBlock.header))
    if (node === undefined || !chain.isActive(node)) {
      throw new RpcError(rpcCodes.invalidAddressOrKey, 'not-found', 'Block not found in chain.')
    }
    // Another number of transactions is another depth of the tree, at which a node can look like a transaction.
    if (merkleBlock.proof.transactionCount !== node.transactionCount) return []
    return (verifyMerkleBlock(merkleBlock) ?? []).map(({ txid }) => formatHash(txid))
  },
})

/** @throws {RpcError} `proof-undecodable` */
function decodeProof(hex: string): MerkleBlock {
  try {
    return decodeMerkleBlock(fromHex(hex))
  } catch (cause) {
    throw cause instanceof ChainError ? undecodable(cause) : cause
  }
}

function undecodable(cause: ChainError): RpcError {
  const message = `Proof decode failed: ${cause.message}`
  return new RpcError(rpcCodes.undecodable, 'proof-undecodable', message, { cause })
}
