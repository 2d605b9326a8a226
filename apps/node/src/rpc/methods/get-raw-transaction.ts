/** `getrawtransaction`: a transaction that waits for a block, or stands in one. */
import { rpcCodes } from '@chain/cli'
import { equalBytes, toHex } from '@chain/core/bytes'
import { type BlockNode, decodeUndo } from '@chain/core/chain'
import {
  type BlockHash,
  decodeBlock,
  encodeTransaction,
  formatHash,
  type Transaction,
  type Txid,
  txid,
} from '@chain/core/primitives'
import type { RpcContext } from '../context.ts'
import { readBody } from '../find-block.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { blockHashParameter, txidParameter, verbosityParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'
import { type SpentCoins, transactionJson } from '../transaction-json.ts'

export const getRawTransaction: RpcMethod = defineMethod({
  name: 'getrawtransaction',
  summary:
    'A transaction that waits, or stands in the block that is named, or anywhere with --txindex: verbosity 0 gives its bytes in hexadecimal, 1 JSON, 2 also what it spends.',
  parameters: {
    txid: txidParameter,
    verbosity: verbosityParameter(2, 0),
    blockhash: blockHashParameter.optional(),
  },
  run: ({ txid: id, verbosity, blockhash }, context) => {
    const { chain } = context
    refuseGenesis(id, context)
    const found = blockhash === undefined ? findAnywhere(id, context) : findInBlock(id, blockhash, context)
    if (verbosity === 0) return toHex(encodeTransaction(found.transaction))
    const spent = verbosity === 2 ? spentBy(found, context) : undefined
    return {
      ...(blockhash === undefined
        ? {}
        : { in_active_chain: found.node !== undefined && chain.isActive(found.node) }),
      ...transactionJson(found.transaction, chain.spec.addressPrefix, spent),
      ...placeJson(found.node, context),
    }
  },
})

/** A transaction, and where it stands if it does. */
interface Found {
  readonly transaction: Transaction
  readonly node?: BlockNode
  /** Among the transactions of the block. */
  readonly position?: number
}

/** @throws {RpcError} `not-found` */
function refuseGenesis(id: Txid, { chain }: RpcContext): void {
  if (!equalBytes(id, chain.genesis.header.merkleRoot)) return
  throw notFound(
    'The genesis block coinbase is not considered an ordinary transaction and cannot be retrieved',
  )
}

/** @throws {RpcError} `not-found`, `block-not-available` */
function findInBlock(id: Txid, hash: BlockHash, { chain }: RpcContext): Found {
  const node = chain.find(hash)
  if (node === undefined) throw notFound('Block hash not found')
  const { transactions } = decodeBlock(readBody(chain, node))
  const position = transactions.findIndex((transaction) => equalBytes(txid(transaction), id))
  const transaction = transactions[position]
  if (transaction === undefined) throw notFound('No such transaction found in the provided block')
  return { transaction, node, position }
}

/** @throws {RpcError} `not-found`, `block-not-available` */
function findAnywhere(id: Txid, context: RpcContext): Found {
  const { mempool, indexes } = context
  const waiting = mempool.get(id)
  if (waiting !== undefined) return { transaction: waiting.transaction }
  if (indexes.transactions === undefined) {
    throw notFound(
      'No such mempool transaction. Use --txindex or provide a block hash to enable blockchain transaction queries',
    )
  }
  const place = indexes.transactions.find(id)
  if (place === undefined) {
    const isSynced = indexes.status().every(({ name, synced }) => name !== 'txindex' || synced)
    throw notFound(
      isSynced
        ? 'No such mempool or blockchain transaction'
        : 'No such mempool transaction. Blockchain transactions are still in the process of being indexed',
    )
  }
  // Where somebody has made another transaction with half the same id, the index may name that one's block.
  return findInBlock(id, place.block.hash, context)
}

/** What a transaction of a block spends; nothing is known of that which waits, or was never connected. */
function spentBy({ node, position }: Found, { chain }: RpcContext): SpentCoins | undefined {
  if (node === undefined || position === undefined || position === 0) return undefined
  const bytes = chain.readUndo(node)
  const coins = bytes === undefined ? undefined : decodeUndo(bytes)[position - 1]
  return coins === undefined ? undefined : { coins, isShown: true }
}

function placeJson(node: BlockNode | undefined, { chain }: RpcContext): Record<string, unknown> {
  if (node === undefined) return {}
  const blockhash = formatHash(node.hash)
  const { time } = node.header
  if (!chain.isActive(node)) return { blockhash, confirmations: 0 }
  return { blockhash, confirmations: chain.tip.height - node.height + 1, time, blocktime: time }
}

function notFound(message: string): RpcError {
  return new RpcError(rpcCodes.invalidAddressOrKey, 'not-found', `${message}.`)
}
