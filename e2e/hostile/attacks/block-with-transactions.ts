/**
 * A good block for attacks that change it on the way.
 */
import type { Block } from '@chain/core/primitives'
import type { Stage } from '../stage.ts'

/** Mines a block with a coinbase and two payments, which nobody has but the attacker. */
export function blockWithTransactions({ builder }: Stage): Block {
  const transactions = builder
    .spendable()
    .slice(0, 2)
    .map((coin) =>
      builder.spend([coin], [{ value: coin[1].output.value - 1_000n, scriptPubKey: builder.key.script }]),
    )
  return builder.mine({ transactions })
}
