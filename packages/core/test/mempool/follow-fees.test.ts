import { computeFeeRate, FeeEstimator, followFees } from '@chain/core/mempool'
import { type Transaction, virtualSize } from '@chain/core/primitives'
import type { ChainBuilder } from '@chain/core/testing'
import { expect, test } from 'vitest'
import { acceptAll } from '../chains.ts'
import { base, coinAt, fanOut, pay, payOn, spec } from './payments.ts'
import { openPool, type Pool } from './pools.ts'

interface Watched extends Pool {
  readonly estimator: FeeEstimator
  readonly stop: () => void
}

async function watchedPool(): Promise<Watched> {
  const pool = await openPool(spec, base.blocks)
  const estimator = new FeeEstimator()
  return { ...pool, estimator, stop: followFees(estimator, pool) }
}

async function mine({ chain }: Pool, builder: ChainBuilder, transactions: Transaction[] = []): Promise<void> {
  expect(await acceptAll(chain, [builder.mine({ transactions })])).toEqual(['connected'])
}

test('an estimator learns what transactions paid that a block confirmed', async () => {
  const pool = await watchedPool()
  const builder = base.fork()
  const fan = fanOut(coinAt(0), 10, 10_000n)
  await mine(pool, builder, [fan])
  const payments = fan.outputs.map((_, index) => payOn(fan, 5_000n, index))
  for (const one of payments) await pool.mempool.accept(one)
  expect(pool.estimator.trackedCount).toBe(10)
  await mine(pool, builder)
  await mine(pool, builder, payments)
  expect(pool.estimator.estimate(1)).toMatchObject({ reason: 'too-slow' })
  const { feeRate } = pool.estimator.estimate(2)
  const paid = computeFeeRate(5_000n, virtualSize(payments[0] as Transaction))
  expect(Number(feeRate) / Number(paid)).toBeCloseTo(1, 1)
})

test('what depends on others is not watched, nor what a child pays for', async () => {
  const pool = await watchedPool()
  const parent = pay(coinAt(0), 1_000n)
  await pool.mempool.accept(parent)
  expect(pool.estimator.trackedCount).toBe(1)
  await pool.mempool.accept(payOn(parent, 50_000n))
  expect(pool.estimator.trackedCount).toBe(0)
})

test('a parent that pays more than its child is still watched', async () => {
  const pool = await watchedPool()
  const parent = pay(coinAt(0), 50_000n)
  for (const one of [parent, payOn(parent, 1_000n)]) await pool.mempool.accept(one)
  expect(pool.estimator.trackedCount).toBe(1)
})

test('what was loaded or given back by a reorganisation is not watched', async () => {
  const pool = await watchedPool()
  const [main, better] = [base.fork(), base.fork()]
  const payment = pay(coinAt(0), 1_000n)
  await mine(pool, main, [payment])
  await acceptAll(pool.chain, better.mineEmpty(2, { extraNonce: 1 }))
  expect(pool.mempool.count).toBe(1)
  await pool.mempool.load({
    transactions: [{ transaction: pay(coinAt(1), 1_000n), time: 4_000_000_000, unbroadcast: false }],
    priorities: [],
  })
  expect(pool.mempool.count).toBe(2)
  expect(pool.estimator.trackedCount).toBe(0)
})

test('what is replaced is no longer watched', async () => {
  const pool = await watchedPool()
  for (const fee of [1_000n, 5_000n]) await pool.mempool.accept(pay(coinAt(0), fee))
  expect(pool.estimator.trackedCount).toBe(1)
})

test('an estimator that stopped hears nothing more', async () => {
  const pool = await watchedPool()
  pool.stop()
  await pool.mempool.accept(pay(coinAt(0), 1_000n))
  expect(pool.estimator.trackedCount).toBe(0)
})
