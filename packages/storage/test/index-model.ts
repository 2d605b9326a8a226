/**
 * What the indexes should hold for a branch of a chain, worked out without them.
 */
import { blockFilterHeader } from '@chain/core/chain'
import { computeBasicFilter } from '@chain/core/filters'
import {
  type Block,
  blockHash,
  type Coin,
  formatHash,
  outpointKey,
  txid,
  ZERO_HASH,
} from '@chain/core/primitives'
import type { BlockFilter } from '../src/filter-index.ts'
import type { TransactionPlace } from '../src/transaction-index.ts'

/** By the hash of a block or transaction, as people write it. */
export interface IndexModel {
  readonly transactions: ReadonlyMap<string, TransactionPlace>
  readonly filters: ReadonlyMap<string, BlockFilter>
}

/** The model of a branch: the genesis block and all blocks after it. */
export function modelIndexes(branch: readonly Block[]): IndexModel {
  const transactions = new Map<string, TransactionPlace>()
  const filters = new Map<string, BlockFilter>()
  const coins = new Map<string, Coin>()
  let header: Uint8Array = ZERO_HASH
  for (const [height, block] of branch.entries()) {
    const ref = { hash: blockHash(block.header), height }
    const undo = block.transactions
      .slice(1)
      .map(({ inputs }) => inputs.map(({ previousOutput }) => coins.get(outpointKey(previousOutput)) as Coin))
    const spent = undo.flat().map(({ output }) => output.scriptPubKey)
    header = blockFilterHeader(block, undo, header)
    filters.set(formatHash(ref.hash), { header, filter: computeBasicFilter(block, spent) })
    for (const [position, transaction] of block.transactions.entries()) {
      const id = txid(transaction)
      if (height > 0) transactions.set(formatHash(id), { block: ref, position })
      for (const [index, output] of transaction.outputs.entries())
        coins.set(outpointKey({ txid: id, index }), { output, height, isCoinbase: position === 0 })
    }
  }
  return { transactions, filters }
}
