/**
 * A full block's worth of transactions: a chain with a coin for each, and the transactions themselves.
 */
import { type ChainSpec, loadNetwork } from '@chain/core/consensus'
import { type Block, decodeTransaction, encodeTransaction, type Transaction } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'

/** A network, its first blocks, and transactions that are valid after them. */
export interface FullBlock {
  readonly spec: ChainSpec
  readonly blocks: readonly Block[]
  readonly transactions: readonly Transaction[]
}

/** Outputs of each transaction: 2,000 transactions of one input and so many outputs fill a block. */
const OUTPUTS = 13

const FEE = 10_000n

/** @param count - transactions, at most 2,000 */
export function createFullBlock(count: number): FullBlock {
  const regtest = loadNetwork('regtest')
  const spec: ChainSpec = { ...regtest, consensus: { ...regtest.consensus, coinbaseMaturity: 1 } }
  const builder = ChainBuilder.create(spec)
  const { script } = builder.key
  builder.mine()
  const [coin] = builder.spendable()
  if (coin === undefined) throw new Error('A coinbase matures after one block.')
  const value = coin[1].output.value / BigInt(count) - 100n
  const outputs = Array.from({ length: count }, () => ({ value, scriptPubKey: script }))
  builder.mine({ transactions: [builder.spend([coin], outputs)] })
  const coins = builder.spendable().filter(([, { output }]) => output.value === value)
  const payment = { value: (value - FEE) / BigInt(OUTPUTS), scriptPubKey: script }
  const transactions = coins.map((each) => {
    const transaction = builder.spend(
      [each],
      Array.from({ length: OUTPUTS }, () => payment),
    )
    return decodeTransaction(encodeTransaction(transaction))
  })
  return { spec, blocks: builder.blocks, transactions }
}
