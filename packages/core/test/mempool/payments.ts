/** Payments for tests of the mempool, from a chain with mature coins. */
import type { Transaction } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, type TestKey, testKey } from '@chain/core/testing'
import { testNetwork } from '../networks.ts'
import { outputOf } from './pools.ts'

export const spec: ReturnType<typeof testNetwork> = testNetwork()
export const payee: TestKey = testKey('payee')

/** A chain of eight blocks: six coins of 50 are mature. */
export const base: ChainBuilder = ChainBuilder.create(spec)
base.mineEmpty(8)
export const coins: readonly PlacedCoin[] = base.spendable()

/** A mature coin of the builder. */
export function coinAt(index: number): PlacedCoin {
  const coin = coins[index]
  if (coin === undefined) throw new Error(`There are only ${coins.length} coins.`)
  return coin
}

/** Pays all of a coin of the builder but a fee to the payee. */
export function pay(
  from: PlacedCoin,
  fee: bigint,
  options: Parameters<ChainBuilder['spend']>[2] = {},
): Transaction {
  return base.spend([from], [{ value: from[1].output.value - fee, scriptPubKey: payee.script }], options)
}

/** Spends an output of a payment; the payee pays itself. */
export function payOn(parent: Transaction, fee: bigint, index = 0): Transaction {
  return pay(outputOf(parent, index), fee, { key: payee })
}

/** Pays the payee in many outputs, so that many may spend it. */
export function fanOut(from: PlacedCoin, count: number, fee: bigint): Transaction {
  const value = (from[1].output.value - fee) / BigInt(count)
  return base.spend(
    [from],
    Array.from({ length: count }, () => ({ value, scriptPubKey: payee.script })),
  )
}
