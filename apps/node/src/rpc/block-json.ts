/**
 * Blocks and headers as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `blockheaderToJSON`, `blockToJSON`
 */
import { type BlockNode, type BlockUndo, type ChainManager, decodeUndo } from '@chain/core/chain'
import { medianTimePast } from '@chain/core/consensus'
import { type Block, blockLength, blockWeight, formatHash, txid } from '@chain/core/primitives'
import type { Work } from '@chain/core/units'
import { difficultyOf, formatBits, formatTarget } from './difficulty.ts'
import { LazyList } from './json-pieces.ts'
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
 * outputs that they spend, too. A block that was never connected has neither. The transactions are made when they are written.
 */
export function blockJson(
  chain: ChainManager,
  node: BlockNode,
  block: Block,
  verbosity: number,
): Record<string, unknown> {
  return {
    ...headerJson(chain, node),
    strippedsize: blockLength(block, { witness: false }),
    size: blockLength(block),
    weight: blockWeight(block),
    tx:
      verbosity === 1
        ? block.transactions.map((transaction) => formatHash(txid(transaction)))
        : new LazyList(
            transactionsJson(block, readUndo(chain, node), chain.spec.addressPrefix, verbosity === 3),
          ),
  }
}

/** @param undo - what the transactions after the coinbase spent, as far as it is known */
function* transactionsJson(
  { transactions }: Block,
  undo: BlockUndo,
  prefix: string,
  isShown: boolean,
): Generator<Record<string, unknown>> {
  for (const [position, transaction] of transactions.entries()) {
    const coins = undo[position - 1]
    yield transactionJson(transaction, prefix, coins === undefined ? undefined : { coins, isShown })
  }
}

function readUndo(chain: ChainManager, node: BlockNode): BlockUndo {
  const bytes = chain.readUndo(node)
  return bytes === undefined ? [] : decodeUndo(bytes)
}

/** Work as 64 hexadecimal digits. */
export function formatWork(work: Work): string {
  return work.toString(16).padStart(64, '0')
}
