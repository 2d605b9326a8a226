/**
 * Blocks and headers as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `blockheaderToJSON`, `blockToJSON`
 */
import { type BlockNode, type ChainManager, decodeUndo } from '@chain/core/chain'
import { medianTimePast } from '@chain/core/consensus'
import { type Block, blockLength, blockWeight, formatHash, txid } from '@chain/core/primitives'
import type { Work } from '@chain/core/units'
import { createGiveWay } from '../give-way.ts'
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

/**
 * A block, with more of its transactions the higher the verbosity: 1 their ids, 2 the transactions with fees, 3 with the
 * outputs that they spend, too. A block that was never connected has neither. A large block is made with pauses.
 */
export async function blockJson(
  chain: ChainManager,
  node: BlockNode,
  block: Block,
  verbosity: number,
): Promise<Record<string, unknown>> {
  return {
    ...headerJson(chain, node),
    strippedsize: blockLength(block, { witness: false }),
    size: blockLength(block),
    weight: blockWeight(block),
    tx:
      verbosity === 1
        ? block.transactions.map((transaction) => formatHash(txid(transaction)))
        : await transactionsJson(chain, node, block, verbosity === 3),
  }
}

async function transactionsJson(
  chain: ChainManager,
  node: BlockNode,
  { transactions }: Block,
  isShown: boolean,
): Promise<Record<string, unknown>[]> {
  const giveWay = createGiveWay()
  const bytes = chain.readUndo(node)
  const undo = bytes === undefined ? [] : decodeUndo(bytes)
  const shown: Record<string, unknown>[] = []
  for (const [position, transaction] of transactions.entries()) {
    const coins = undo[position - 1]
    const spent = coins === undefined ? undefined : { coins, isShown }
    shown.push(transactionJson(transaction, chain.spec.addressPrefix, spent))
    const pause = giveWay()
    if (pause !== undefined) await pause
  }
  return shown
}

/** Work as 64 hexadecimal digits. */
export function formatWork(work: Work): string {
  return work.toString(16).padStart(64, '0')
}
