import { decodeTransaction, encodeTransaction, type Transaction } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { expect, it } from 'vitest'
import { RecentTransactions } from '../../src/relay/recent-transactions.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'

const [block] = ChainBuilder.create().mineEmpty(1)
const coinbase = block?.transactions[0] as Transaction
const another = (lockTime: number): Transaction => ({ ...coinbase, lockTime })

it('keeps the transactions that came last', () => {
  const recent = new RecentTransactions()
  const transactions = Array.from({ length: relayLimits.recentTransactions + 5 }, (_, index) =>
    another(index),
  )
  for (const transaction of transactions) recent.add(transaction)
  recent.add(transactions.at(-1) as Transaction)
  expect([...recent]).toEqual(transactions.slice(5))
})

it('keeps no more bytes than it may', () => {
  const recent = new RecentTransactions()
  const [output] = coinbase.outputs
  if (output === undefined) throw new Error('A coinbase pays somebody.')
  const long = { ...output, scriptPubKey: new Uint8Array(relayLimits.recentBytes / 3) }
  const transactions = Array.from({ length: 5 }, (_, index) =>
    decodeTransaction(encodeTransaction({ ...another(index), outputs: [long] })),
  )
  for (const transaction of transactions) recent.add(transaction)
  expect([...recent]).toEqual(transactions.slice(3))
})
