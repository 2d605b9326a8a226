import { computeFee, ROLLING_HALF_LIFE } from '@chain/core/mempool'
import { type Transaction, txid, virtualSize } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { base, coinAt, pay, payOn, spec } from './payments.ts'
import { openPool, type Pool, verdict } from './pools.ts'

const size = virtualSize(pay(coinAt(0), 1_000n))
const feeOf = (rate: number): bigint => BigInt(rate * size)

/** A mempool with room for so many payments. */
async function poolFor(count: number): Promise<Pool> {
  return openPool(spec, base.blocks, { limits: { maxMempoolSize: count * (size + 1) } })
}

async function accept({ mempool }: Pool, ...transactions: readonly Transaction[]): Promise<string[]> {
  const verdicts: string[] = []
  for (const one of transactions) verdicts.push(verdict(await mempool.accept(one)))
  return verdicts
}

function waiting({ mempool }: Pool): string[] {
  return Array.from(mempool.entries(), (entry) => entry.txid.join())
}

function ids(...transactions: readonly Transaction[]): string[] {
  return transactions.map((transaction) => txid(transaction).join())
}

describe('a full mempool', () => {
  test('keeps a parent that pays little for the sake of its child', async () => {
    const pool = await poolFor(3)
    const parent = pay(coinAt(0), feeOf(1))
    const child = payOn(parent, feeOf(9))
    const middle = pay(coinAt(1), feeOf(4))
    const rich = pay(coinAt(2), feeOf(8))
    expect(await accept(pool, parent, child, middle, rich)).toEqual(Array(4).fill('accepted'))
    expect(waiting(pool)).toEqual(ids(parent, child, rich))
  })

  test('gives up a child that pays little without its parent', async () => {
    const pool = await poolFor(2)
    const parent = pay(coinAt(0), feeOf(9))
    const child = payOn(parent, feeOf(2))
    const other = pay(coinAt(1), feeOf(3))
    await accept(pool, parent, child, other)
    expect(waiting(pool)).toEqual(ids(parent, other))
  })

  test('gives up as much as the size of the newcomer asks for', async () => {
    const pool = await poolFor(3)
    const poor = [0, 1, 2].map((index) => pay(coinAt(index), feeOf(index + 1)))
    await accept(pool, ...poor)
    const large = base.spend(
      [coinAt(3), coinAt(4), coinAt(5)],
      [{ value: 1_000n, scriptPubKey: base.key.script }],
    )
    expect(virtualSize(large)).toBeGreaterThan(size)
    expect(await accept(pool, large)).toEqual(['accepted'])
    expect(pool.mempool.size).toBeLessThanOrEqual(pool.mempool.limits.maxMempoolSize)
    expect(pool.mempool.has(txid(large))).toBe(true)
    expect(pool.mempool.has(txid(poor[0] as Transaction))).toBe(false)
  })

  test('does not take a child for which its parent would have to go', async () => {
    const pool = await poolFor(2)
    const parent = pay(coinAt(0), feeOf(1))
    const rich = pay(coinAt(1), feeOf(9))
    const child = payOn(parent, feeOf(2))
    expect(await accept(pool, parent, rich, child)).toEqual(['accepted', 'accepted', 'policy-mempool-full'])
    expect(waiting(pool)).toEqual(ids(parent, rich))
  })

  test('keeps what the operator put first', async () => {
    const pool = await poolFor(2)
    const [poor, middle, rich] = [
      pay(coinAt(0), feeOf(1)),
      pay(coinAt(1), feeOf(3)),
      pay(coinAt(2), feeOf(5)),
    ]
    await accept(pool, poor, middle)
    pool.mempool.prioritise(txid(poor), feeOf(50))
    await accept(pool, rich)
    expect(waiting(pool)).toEqual(ids(poor, rich))
  })
})

describe('the minimum of a mempool that was full', () => {
  async function fullPool(): Promise<Pool> {
    const pool = await poolFor(1)
    await accept(pool, pay(coinAt(0), feeOf(4)), pay(coinAt(1), feeOf(8)))
    expect(pool.events).toEqual(['added', 'removed evicted', 'added'])
    return pool
  }

  test('is a step above what was evicted', async () => {
    const pool = await fullPool()
    expect(pool.mempool.minimumFeeRate).toBe(5_000n)
    const required = computeFee(5_000n, size)
    expect(await accept(pool, pay(coinAt(2), required - 1n))).toEqual(['policy-below-mempool-minimum'])
    expect(await accept(pool, pay(coinAt(2), required))).toEqual(['policy-mempool-full'])
  })

  test('rises with what finds no room', async () => {
    const pool = await fullPool()
    expect(await accept(pool, pay(coinAt(2), feeOf(7)))).toEqual(['policy-mempool-full'])
    expect(pool.mempool.minimumFeeRate).toBe(8_000n)
  })

  test('falls with time after a block, down to the minimum of the policy', async () => {
    const pool = await fullPool()
    await pool.chain.acceptBlock(base.fork().mine())
    expect(pool.mempool.minimumFeeRate).toBe(5_000n)
    pool.clock.advance(ROLLING_HALF_LIFE)
    expect(pool.mempool.minimumFeeRate).toBe(2_500n)
    pool.clock.advance(ROLLING_HALF_LIFE * 3)
    expect(pool.mempool.minimumFeeRate).toBe(1_000n)
    pool.clock.advance(ROLLING_HALF_LIFE)
    expect(pool.mempool.minimumFeeRate).toBe(pool.mempool.limits.minimumFeeRate)
  })
})
