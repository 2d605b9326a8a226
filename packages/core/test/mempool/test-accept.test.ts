import { MAX_PRIORITIES } from '@chain/core/mempool'
import { type Transaction, txid, virtualSize } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { acceptAll } from '../chains.ts'
import { refusal } from '../refusal.ts'
import { base, coinAt, pay, payOn, spec } from './payments.ts'
import { openPool } from './pools.ts'

const first = pay(coinAt(0), 1_000n)

describe('a transaction that is only tested', () => {
  test('does not stay', async () => {
    const { mempool, events } = await openPool(spec, base.blocks)
    const size = virtualSize(first)
    expect(await mempool.testAccept(first)).toEqual({ status: 'acceptable', fee: 1_000n, size, replaced: [] })
    expect([mempool.count, mempool.size, mempool.spender(coinAt(0)[0])]).toEqual([0, 0, undefined])
    expect((await mempool.accept(first)).status).toBe('accepted')
    expect(events).toEqual(['added'])
  })

  test('tells what it would replace', async () => {
    const { mempool, events } = await openPool(spec, base.blocks)
    await mempool.accept(first)
    const entry = mempool.get(txid(first))
    expect(await mempool.testAccept(pay(coinAt(0), 9_000n))).toMatchObject({
      status: 'acceptable',
      replaced: [entry],
    })
    expect([...mempool.entries()]).toEqual([entry])
    expect(mempool.spender(coinAt(0)[0])).toBe(entry)
    expect(events).toEqual(['added'])
  })

  test('evicts nothing, and raises no minimum', async () => {
    const limits = { maxMempoolSize: virtualSize(first) + 1 }
    const { mempool } = await openPool(spec, base.blocks, { limits })
    await mempool.accept(first)
    expect((await mempool.testAccept(pay(coinAt(1), 9_000n))).status).toBe('acceptable')
    expect(await mempool.testAccept(pay(coinAt(1), 500n))).toMatchObject({
      error: { code: 'policy-mempool-full' },
    })
    expect(mempool.has(txid(first))).toBe(true)
    expect(mempool.minimumFeeRate).toBe(mempool.limits.minimumFeeRate)
  })

  test('is refused as if it were handed in', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    await mempool.accept(first)
    expect((await mempool.testAccept(first)).status).toBe('duplicate')
    expect((await mempool.testAccept(payOn(pay(coinAt(1), 1_000n), 1_000n))).status).toBe('missing-inputs')
    const forged: Transaction = { ...pay(coinAt(2), 1_000n), lockTime: 1 }
    expect(await mempool.testAccept(forged)).toMatchObject({ error: { code: 'input-signature-invalid' } })
  })
})

describe('a priority', () => {
  test('lets in what pays too little', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    const free = pay(coinAt(0), 0n)
    expect((await mempool.accept(free)).status).toBe('refused')
    mempool.prioritise(txid(free), 1_000n)
    expect(await mempool.accept(free)).toMatchObject({
      status: 'accepted',
      entry: { fee: 0n, feeDelta: 1_000n },
    })
    expect(mempool.fees).toBe(0n)
  })

  test('adds up, and ends where the sum is nothing', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    for (const change of [500n, -200n]) mempool.prioritise(txid(first), change)
    expect(mempool.save().priorities).toEqual([[txid(first), 300n]])
    mempool.prioritise(txid(first), -300n)
    expect(mempool.save().priorities).toEqual([])
  })

  test('ends with the block that holds the transaction', async () => {
    const { mempool, chain } = await openPool(spec, base.blocks)
    mempool.prioritise(txid(first), 500n)
    await acceptAll(chain, [base.fork().mine({ transactions: [first] })])
    expect(mempool.save().priorities).toEqual([])
  })

  test('is bounded', async () => {
    const { mempool } = await openPool(spec, base.blocks)
    for (let i = 0; i < MAX_PRIORITIES; i++) {
      const id = new Uint8Array(32)
      new DataView(id.buffer).setUint32(0, i)
      mempool.prioritise(id, 1n)
    }
    expect(refusal(() => mempool.prioritise(txid(first), 1n)).code).toBe('priorities-full')
    expect(() => mempool.prioritise(new Uint8Array(32), 1n)).not.toThrow()
  })
})
