import { fromHex, toHex } from '@chain/core/bytes'
import { DecodeError } from '@chain/core/errors'
import { decodeMempool, encodeMempool } from '@chain/core/mempool'
import { encodeTransaction, type Transaction, txid } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { acceptAll } from '../chains.ts'
import { refusal } from '../refusal.ts'
import { base, coinAt, pay, payOn, spec } from './payments.ts'
import { openPool, type Pool } from './pools.ts'

const parent = pay(coinAt(0), 1_000n)
const child = payOn(parent, 2_000n)
const other = pay(coinAt(1), 3_000n)

async function holding(...transactions: readonly Transaction[]): Promise<Pool> {
  const pool = await openPool(spec, base.blocks)
  for (const one of transactions) await pool.mempool.accept(one)
  return pool
}

describe('a saved mempool', () => {
  test('is loaded with its times and priorities', async () => {
    const before = await holding(parent, child)
    before.clock.advance(100)
    await before.mempool.accept(other)
    before.mempool.prioritise(txid(parent), 700n)
    before.mempool.prioritise(txid(pay(coinAt(2), 1n)), -5n)
    const after = await openPool(spec, base.blocks)
    after.clock.advance(200)
    const saved = decodeMempool(encodeMempool(before.mempool.save()))
    expect(await after.mempool.load(saved)).toEqual({ accepted: 3, refused: 0, expired: 0 })
    const facts = ({ mempool }: Pool) => {
      return Array.from(mempool.entries(), ({ txid: id, time, feeDelta }) => [toHex(id), time, feeDelta])
    }
    expect(facts(after)).toEqual(facts(before))
    expect(after.mempool.save().priorities).toEqual(before.mempool.save().priorities)
    expect(encodeMempool(after.mempool.save())).toEqual(encodeMempool(before.mempool.save()))
  })

  test('is believed in nothing', async () => {
    const { mempool } = await holding(parent, child, other)
    const forged = { ...other, outputs: [{ value: 1_000n, scriptPubKey: base.key.script }] }
    const saved = {
      ...mempool.save(),
      transactions: [...mempool.save().transactions, { transaction: forged, time: 0 }],
    }
    const { chain, mempool: another, clock } = await openPool(spec, base.blocks)
    await acceptAll(chain, [base.fork().mine({ transactions: [pay(coinAt(0), 9_000n)] })])
    clock.advance(-1)
    expect(await another.load(saved)).toEqual({ accepted: 1, refused: 2, expired: 1 })
    expect(Array.from(another.entries(), ({ txid: id }) => id)).toEqual([txid(other)])
    // A time in the future is no reason to wait longer.
    expect(another.get(txid(other))?.time).toBe(clock.now())
  })

  test('of another version is refused', () => {
    expect(refusal(() => decodeMempool(fromHex('020000'))).code).toBe('mempool-version-unknown')
  })

  test.each([
    ['a count that cannot be', '01fe00000001'],
    ['bytes after the end', '01000000'],
    ['a transaction that is none', `0101000c${'ff'.repeat(12)}00`],
    ['bytes after a transaction', `010100${toHex(withExtraByte(parent))}00`],
  ])('with %s is refused', (_, hex) => {
    expect(refusal(() => decodeMempool(fromHex(hex)))).toBeInstanceOf(DecodeError)
  })

  test('does not hold on to the bytes that it was read from', async () => {
    const bytes = encodeMempool((await holding(parent)).mempool.save())
    const { transactions } = decodeMempool(bytes)
    bytes.fill(0)
    expect(transactions.map(({ transaction }) => txid(transaction))).toEqual([txid(parent)])
  })
})

/** A transaction of one byte more, with its length before it. */
function withExtraByte(transaction: Transaction): Uint8Array {
  const bytes = encodeTransaction(transaction)
  return Uint8Array.of(bytes.length + 1, ...bytes, 0)
}
