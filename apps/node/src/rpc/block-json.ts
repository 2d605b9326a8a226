/**
 * Blocks and headers as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `blockheaderToJSON`, `blockToJSON`
 */
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { medianTimePast } from '@chain/core/consensus'
import { type Block, blockLength, blockWeight, formatHash, txid } from '@chain/core/primitives'
import type { Work } from '@chain/core/units'
import { difficultyOf, formatBits, formatTarget } from './difficulty.ts'
import { transactionJson } from './transaction-json.ts'

/** A header with its place in the chain. */
export function headerJson(chain: ChainManager, node: BlockNode): Record<string, unknown> {
  const { header, hash, height, parent, chainWork, transactionCount } = node
  const next = chain.isActive(node) ? chain.at(height + 1) : undefined
  return {
    hash: formatHash(hash),
    confirmations: chain.isActive(node) ? chain.tip.height - height + 1 : -1,
    height,
    version: header.version,
    versionHex: (header.version >>> 0).toString(16).padStart(8, '0'),
    merkleroot: formatHash(header.merkleRoot),
    time: header.time,
    mediantime: medianTimePast(node),
    nonce: header.nonce,
    bits: formatBits(header.bits),
    target: formatTarget(header.bits),
    difficulty: difficultyOf(header.bits),
    chainwork: formatWork(chainWork),
    nTx: transactionCount,
    ...(parent === undefined ? {} : { previousblockhash: formatHash(parent.hash) }),
    ...(next === undefined ? {} : { nextblockhash: formatHash(next.hash) }),
  }
}

/** A block with the ids of its transactions, or with the transactions where `full`. */
export function blockJson(
  chain: ChainManager,
  node: BlockNode,
  block: Block,
  full: boolean,
): Record<string, unknown> {
  const { addressPrefix } = chain.spec
  return {
    ...headerJson(chain, node),
    strippedsize: blockLength(block, { witness: false }),
    size: blockLength(block),
    weight: blockWeight(block),
    tx: block.transactions.map((transaction) =>
      full ? transactionJson(transaction, addressPrefix) : formatHash(txid(transaction)),
    ),
  }
}

/** Work as 64 hexadecimal digits. */
export function formatWork(work: Work): string {
  return work.toString(16).padStart(64, '0')
}
