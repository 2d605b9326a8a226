import { explainWaiting, type Waiting, type WaitingContext } from '@chain/core/mempool'
import { type Transaction, transactionWeight, txid, virtualSize } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { base, coinAt, pay, payOn, spec } from './payments.ts'
import { openPool, outputOf, type Pool } from './pools.ts'

async function holding(...transactions: readonly Transaction[]): Promise<Pool> {
  const pool = await openPool(spec, base.blocks)
  for (const one of transactions) await pool.mempool.accept(one)
  return pool
}

/** Seconds after it came. */
function explain(
  { chain, mempool, clock }: Pool,
  transaction: Transaction,
  options: Partial<WaitingContext> = {},
): Waiting {
  const waiting = explainWaiting(transaction, { chain, mempool, now: clock.now() + 60, ...options })
  expect(waiting.sentence).toMatch(/^[A-Z].*\.$/)
  expect(waiting.sentence).not.toContain('undefined')
  return waiting
}

const poor = pay(coinAt(0), 200n)
const rich = pay(coinAt(1), 20_000n)
const oneOfThem = { maxWeight: transactionWeight(rich) + 10 }

describe('a transaction that waits here', () => {
  test('will be in the next block', async () => {
    const pool = await holding(poor, rich)
    expect(explain(pool, rich)).toMatchObject({ reason: 'next-block', sizeAhead: 0 })
    expect(explain(pool, poor)).toMatchObject({ reason: 'next-block', sizeAhead: virtualSize(rich) })
  })

  test('came just now', async () => {
    const pool = await holding(poor)
    expect(explain(pool, poor, { now: pool.clock.now() + 5 })).toMatchObject({
      reason: 'just-arrived',
      seconds: 5,
    })
  })

  test('pays less than the next block takes', async () => {
    const pool = await holding(poor, rich)
    const waiting = explain(pool, poor, oneOfThem)
    expect(waiting).toMatchObject({ reason: 'fee-too-low', sizeAhead: virtualSize(rich), blocks: 2 })
    expect(waiting.sentence).toContain(`${virtualSize(rich)} virtual bytes go first`)
  })

  test('waits for many blocks behind many that pay more', async () => {
    const others = [1, 2, 3, 4].map((index) => pay(coinAt(index), 20_000n))
    const pool = await holding(poor, ...others)
    expect(explain(pool, poor, oneOfThem)).toMatchObject({ reason: 'fee-too-low', blocks: 4 })
  })

  test('waits for a parent that pays too little', async () => {
    const child = payOn(poor, 25_000n)
    const pool = await holding(poor, child, rich)
    expect(explain(pool, child, oneOfThem)).toMatchObject({ reason: 'parents', parents: [txid(poor)] })
  })
})

describe('a transaction that does not wait here', () => {
  test('spends what is not known', async () => {
    const pool = await holding()
    const [outpoint] = outputOf(poor)
    expect(explain(pool, payOn(poor, 1_000n))).toMatchObject({
      reason: 'missing-inputs',
      missing: [outpoint],
    })
    const many = Array.from({ length: 5 }, (_, index) => outputOf(payOn(poor, BigInt(index))))
    const orphan = base.spend(many, [{ value: 1n, scriptPubKey: base.key.script }])
    expect(explain(pool, orphan).sentence).toContain('and 2 more')
  })

  test('is locked up to a height', async () => {
    const locked = pay(coinAt(0), 1_000n, { lockTime: 9, sequence: 0 })
    const waiting = explain(await holding(), locked)
    expect(waiting).toMatchObject({ reason: 'lock-time', unit: 'height', lockTime: 9, now: 8 })
  })

  test('is locked up to a time', async () => {
    const locked = pay(coinAt(0), 1_000n, { lockTime: 4_000_000_000, sequence: 0 })
    expect(explain(await holding(), locked)).toMatchObject({ reason: 'lock-time', unit: 'time' })
  })

  test('spends a coin that must be older', async () => {
    const locked = pay(coinAt(0), 1_000n, { sequence: 100 })
    expect(explain(await holding(), locked)).toMatchObject({ reason: 'relative-lock' })
    const parent = pay(coinAt(0), 1_000n)
    const child = pay(outputOf(parent), 1_000n, { sequence: 1 })
    expect(explain(await holding(parent), child)).toMatchObject({ reason: 'relative-lock' })
  })

  test('spends a coinbase that must be deeper', async () => {
    const coinbase = base.blocks.at(-1)?.transactions[0] as Transaction
    const early = pay(outputOf(coinbase), 1_000n)
    expect(explain(await holding(), early)).toMatchObject({ reason: 'immature', spendable: 10 })
  })

  test('must be handed in again', async () => {
    expect(explain(await holding(), poor)).toMatchObject({ reason: 'not-here' })
  })
})
