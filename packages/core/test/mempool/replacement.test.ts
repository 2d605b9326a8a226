import type { PolicyLimits } from '@chain/core/mempool'
import { type Transaction, txid, virtualSize } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { base, coinAt, fanOut, pay, payee, payOn, spec } from './payments.ts'
import { openPool, outputOf, type Pool, verdict } from './pools.ts'

async function holding(
  transactions: readonly Transaction[],
  limits: Partial<PolicyLimits> = {},
): Promise<Pool> {
  const pool = await openPool(spec, base.blocks, { limits })
  for (const one of transactions) expect(verdict(await pool.mempool.accept(one))).toBe('accepted')
  return pool
}

function waiting({ mempool }: Pool): string[] {
  return Array.from(mempool.entries(), (entry) => entry.txid.join())
}

function ids(...transactions: readonly Transaction[]): string[] {
  return transactions.map((transaction) => txid(transaction).join())
}

const first = pay(coinAt(0), 10_000n)
const size = BigInt(virtualSize(first))

describe('a transaction that pays more', () => {
  test('takes the place of another, though that does not say that it may be replaced', async () => {
    const pool = await holding([first])
    const better = pay(coinAt(0), 10_000n + size)
    expect(verdict(await pool.mempool.accept(better))).toBe('accepted')
    expect(waiting(pool)).toEqual(ids(better))
    expect(pool.mempool.spender(coinAt(0)[0])?.txid).toEqual(txid(better))
    expect(pool.events).toEqual(['added', 'removed replaced', 'added'])
  })

  test('takes away all that depends on what it replaces, children first', async () => {
    const child = payOn(first, 1_000n)
    const grandchild = payOn(child, 2_000n)
    const pool = await holding([first, child, grandchild, pay(coinAt(1), 1_000n)])
    const removed: string[] = []
    pool.mempool.subscribe((event) => {
      if (event.type === 'transaction-removed') removed.push(event.entry.txid.join())
    })
    const better = pay(coinAt(0), 13_000n + size)
    expect(verdict(await pool.mempool.accept(better))).toBe('accepted')
    expect(removed).toEqual(ids(grandchild, child, first))
    expect(pool.mempool.count).toBe(2)
    expect(verdict(await pool.mempool.accept(payOn(first, 50_000n)))).toBe('missing-inputs')
  })

  test('takes the place of several at once', async () => {
    const second = pay(coinAt(1), 10_000n)
    const pool = await holding([first, second])
    const both = base.spend([coinAt(0), coinAt(1)], [{ value: 1_000n, scriptPubKey: payee.script }])
    expect(verdict(await pool.mempool.accept(both))).toBe('accepted')
    expect(waiting(pool)).toEqual(ids(both))
  })

  test('may spend what those spent that it replaces', async () => {
    const parent = fanOut(coinAt(0), 2, 10_000n)
    const child = payOn(parent, 1_000n)
    const pool = await holding([parent, child])
    const better = payOn(parent, 1_000n + 2n * size)
    expect(verdict(await pool.mempool.accept(better))).toBe('accepted')
    expect(waiting(pool)).toEqual(ids(parent, better))
    expect([...(pool.mempool.get(txid(parent))?.children ?? [])].map((entry) => entry.txid)).toEqual([
      txid(better),
    ])
  })

  test('is not counted together with what it replaces', async () => {
    const parent = fanOut(coinAt(0), 2, 10_000n)
    const children = [payOn(parent, 1_000n), payOn(parent, 1_000n, 1)]
    const pool = await holding([parent, ...children], { maxDescendants: 3 })
    expect(verdict(await pool.mempool.accept(payOn(parent, 9_000n)))).toBe('accepted')
    expect(pool.mempool.count).toBe(3)
  })
})

describe('a transaction that is refused', () => {
  test('changes nothing', async () => {
    const pool = await holding([first])
    for (const fee of [9_999n, 10_000n + size - 1n]) {
      expect((await pool.mempool.accept(pay(coinAt(0), fee))).status).toBe('refused')
    }
    expect(waiting(pool)).toEqual(ids(first))
    expect(pool.events).toEqual(['added'])
  })

  test('changes nothing for want of a signature', async () => {
    const pool = await holding([first])
    const better = { ...pay(coinAt(0), 90_000n), lockTime: 1 }
    expect(verdict(await pool.mempool.accept(better))).toBe('input-signature-invalid')
    expect(waiting(pool)).toEqual(ids(first))
  })

  test('changes nothing for want of room', async () => {
    const heavy = base.spend(
      [coinAt(0)],
      Array.from({ length: 10 }, () => ({ value: 1_000n, scriptPubKey: payee.script })),
    )
    const child = payOn(first, 1_000n)
    const room = virtualSize(first) + virtualSize(child)
    const pool = await holding([first, child], { maxMempoolSize: room })
    expect(virtualSize(heavy)).toBeGreaterThan(room)
    expect(verdict(await pool.mempool.accept(heavy))).toBe('policy-mempool-full')
    expect(waiting(pool)).toEqual(ids(first, child))
    expect(pool.mempool.size).toBe(room)
    expect(pool.mempool.spender(outputOf(first)[0])?.txid).toEqual(txid(child))
    expect(pool.events).toEqual(['added', 'added'])
  })
})

test('up to 100 may be replaced, dependents counted', async () => {
  const parents = [0, 1, 2, 3].map((index) => fanOut(coinAt(index), 24, 4_000n))
  const children = parents.flatMap((parent) => parent.outputs.map((_, index) => payOn(parent, 200n, index)))
  const pool = await holding([...parents, ...children])
  expect(pool.mempool.count).toBe(100)
  const all = [0, 1, 2, 3].map(coinAt)
  const outputs = [{ value: 1_000n, scriptPubKey: payee.script }]
  expect(verdict(await pool.mempool.accept(base.spend(all, outputs)))).toBe('accepted')
  expect(pool.mempool.count).toBe(1)
})
