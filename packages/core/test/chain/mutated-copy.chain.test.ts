import type { Block, Transaction } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()
const payee = testKey('payee').script

/*
 *     g - 1 - 2 - 3 - 4 - 5
 *                       \ 5*     a damaged copy: the same header, another body; it comes first
 */
describe('a damaged copy of a block that comes before the block', () => {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(4)
  const before = [...builder.blocks]
  const payments = builder.spendable().map((coin: PlacedCoin) => {
    return builder.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])
  })
  const block = builder.mine({ transactions: payments.slice(0, 2) })
  const [coinbase, first, second] = block.transactions as [Transaction, Transaction, Transaction]
  const child = builder.fork().mine()

  const copies: Record<string, readonly Transaction[]> = {
    'with its last transaction twice, which keeps the Merkle root': [coinbase, first, second, second],
    'with a witness changed': [coinbase, changeWitness(first), second],
    'with a witness left out': [coinbase, { ...first, inputs: withWitness(first, []) }, second],
    'with another nonce in the witness of its coinbase': [
      { ...coinbase, inputs: withWitness(coinbase, [new Uint8Array(32).fill(1)]) },
      first,
      second,
    ],
    'without the witness of its coinbase': [
      { ...coinbase, inputs: withWitness(coinbase, []) },
      first,
      second,
    ],
    'with its transactions in another order': [coinbase, second, first],
    'with a transaction left out': [coinbase, first],
    'with nothing in it': [],
    'without a coinbase': [first, second],
  }

  test.each(Object.entries(copies))('%s, is refused and not remembered', async (_, transactions) => {
    const copy: Block = { header: block.header, transactions }
    const chain = await openChain(spec, before)
    const outcome = await chain.acceptBlock(copy)
    expect(outcome).toMatchObject({ status: 'invalid', error: { rule: { blame: 'mutated' } } })
    expect(chain.missingBodies(10).map(({ height }) => height)).toEqual([5])
    expect(await acceptAll(chain, [block, child])).toEqual(['connected', 'connected'])
  })

  test.each(Object.entries(copies))('%s, is refused when its header came before', async (_, transactions) => {
    const chain = await openChain(spec, before)
    await chain.acceptHeaders([block.header, child.header])
    expect(await acceptAll(chain, [child, { header: block.header, transactions }, block])).toEqual([
      'waiting',
      'invalid',
      'connected',
    ])
    expect(chain.tip.height).toBe(6)
  })
})

function withWitness(transaction: Transaction, witness: readonly Uint8Array[]): Transaction['inputs'] {
  return transaction.inputs.map((input) => ({ ...input, witness }))
}

function changeWitness(transaction: Transaction): Transaction {
  const inputs = transaction.inputs.map((input) => ({
    ...input,
    witness: input.witness.map((item) =>
      Uint8Array.from(item, (byte, index) => (index === 9 ? byte ^ 1 : byte)),
    ),
  }))
  return { ...transaction, inputs }
}
