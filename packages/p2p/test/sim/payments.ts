/** A chain with coins, and payments that spend them, for simulations. */
import type { Block, Transaction } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'

/** Blocks to begin with, and transactions that are valid after them. */
export interface Payments {
  readonly blocks: readonly Block[]
  readonly transactions: readonly Transaction[]
}

/** @param count - payments, each of its own coin */
export function createPayments(count: number): Payments {
  const builder = ChainBuilder.create()
  builder.mineEmpty(builder.spec.consensus.coinbaseMaturity + count)
  const transactions = builder
    .spendable()
    .slice(0, count)
    .map((coin) =>
      builder.spend(
        [coin],
        [{ value: coin[1].output.value - 10_000n, scriptPubKey: testKey('payee').script }],
      ),
    )
  return { blocks: builder.blocks, transactions }
}
