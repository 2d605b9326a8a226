import { ByteWriter, fromHex, toHex } from '@chain/core/bytes'
import { DecodeError } from '@chain/core/errors'
import { decodeMempool, encodeMempool, MAX_PRIORITIES, type SavedMempool } from '@chain/core/mempool'
import { encodeTransaction, type Transaction, txid } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'
import { acceptAll } from '../chains.ts'
import { refusal } from '../refusal.ts'
import { base, coinAt, pay, payOn, spec } from './payments.ts'
import { openPool, type Pool, savedBytes } from './pools.ts'

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
    const saved = decodeMempool(savedBytes(before.mempool))
    expect(await after.mempool.load(saved)).toEqual({ accepted: 3, refused: 0, expired: 0 })
    const facts = ({ mempool }: Pool) => {
      return Array.from(mempool.entries(), ({ txid: id, time, feeDelta }) => [toHex(id), time, feeDelta])
    }
    expect(facts(after)).toEqual(facts(before))
    expect(after.mempool.save().priorities).toEqual(before.mempool.save().priorities)
    expect(savedBytes(after.mempool)).toEqual(savedBytes(before.mempool))
  })

  test('is believed in nothing', async () => {
    const { mempool } = await holding(parent, child, other)
    const forged = { ...other, outputs: [{ value: 1_000n, scriptPubKey: base.key.script }] }
    const saved = {
      ...mempool.save(),
      transactions: [...mempool.save().transactions, { transaction: forged, time: 0, unbroadcast: true }],
    }
    const { chain, mempool: another, clock } = await openPool(spec, base.blocks)
    await acceptAll(chain, [base.fork().mine({ transactions: [pay(coinAt(0), 9_000n)] })])
    clock.advance(-1)
    expect(await another.load(saved)).toEqual({ accepted: 1, refused: 2, expired: 1 })
    expect(Array.from(another.entries(), ({ txid: id }) => id)).toEqual([txid(other)])
    // A time in the future is no reason to wait longer.
    expect(another.get(txid(other))?.time).toBe(clock.now())
  })

  test('tells again which transactions no peer has', async () => {
    const before = await holding(parent, child, other)
    for (const one of [child, other]) before.mempool.addUnbroadcast(txid(one))
    const after = await openPool(spec, base.blocks)
    // A peer sent it before the saved one was looked at.
    await after.mempool.accept(other)
    await after.mempool.load(decodeMempool(savedBytes(before.mempool)))
    const { mempool } = after
    expect([parent, child, other].map((one) => mempool.isUnbroadcast(txid(one)))).toEqual([
      false,
      true,
      false,
    ])
    expect(mempool.unbroadcastCount).toBe(1)
    // Nobody has handed in anything here: nothing new is worth saving.
    expect([before.mempool.handedInCount, mempool.handedInCount]).toEqual([2, 0])
  })

  test('lets others have their turn between its transactions', async () => {
    const { mempool } = await holding(parent, child, other)
    const another = (await openPool(spec, base.blocks)).mempool
    const counts: number[] = []
    const giveWay = async (): Promise<void> => void counts.push(another.count)
    await another.load(mempool.save(), giveWay)
    expect(counts).toEqual([1, 2, 3])
  })

  test('that is damaged in the middle keeps what stands before', async () => {
    const { mempool } = await holding(parent, other)
    const bytes = savedBytes(mempool)
    const another = (await openPool(spec, base.blocks)).mempool
    await expect(another.load(decodeMempool(bytes.subarray(0, -1)))).rejects.toThrow(DecodeError)
    expect(Array.from(another.entries(), ({ txid: id }) => id)).toEqual([txid(parent)])
  })

  test('is written in pieces', async () => {
    const { mempool } = await holding(parent)
    const [one] = mempool.save().transactions
    const many = Array.from({ length: 2_000 }, () => one as NonNullable<typeof one>)
    const pieces = [...encodeMempool({ priorities: [], transactions: many })]
    expect(pieces.length).toBeGreaterThan(2)
    for (const piece of pieces) expect(piece.length).toBeLessThan(66_000)
  })

  test('of another version is refused', () => {
    expect(refusal(() => decodeMempool(fromHex('0200'))).code).toBe('mempool-version-unknown')
  })

  test.each([
    ['a count that cannot be', '01fe00000001'],
    ['a transaction that is none', `0100${'00'.repeat(2)}0c${'ff'.repeat(12)}`],
    ['a length that cannot be', `0100${'00'.repeat(2)}fe00000001`],
    ['bytes after a transaction', `0100${'00'.repeat(2)}${toHex(withExtraByte(parent))}`],
  ])('with %s is refused', (_, hex) => {
    expect(refusal(() => readAll(fromHex(hex)))).toBeInstanceOf(DecodeError)
  })

  test('with flags that mean nothing is refused', () => {
    expect(refusal(() => readAll(fromHex('01000002')))).toMatchObject({ code: 'mempool-flags-unknown' })
  })

  test('with more priorities than a mempool takes is refused', () => {
    const writer = new ByteWriter().writeUint8(1).writeCompactSize(MAX_PRIORITIES + 1)
    writer.writeBytes(new Uint8Array(40 * (MAX_PRIORITIES + 1)))
    expect(refusal(() => decodeMempool(writer.toBytes())).code).toBe('mempool-priorities-too-many')
  })

  test('does not hold on to the bytes that it was read from', async () => {
    const bytes = savedBytes((await holding(parent)).mempool)
    const transactions = [...decodeMempool(bytes).transactions]
    bytes.fill(0)
    expect(transactions.map(({ transaction }) => txid(transaction))).toEqual([txid(parent)])
  })
})

/** Reads a mempool with all of its transactions. */
function readAll(bytes: Uint8Array): SavedMempool {
  const saved = decodeMempool(bytes)
  return { ...saved, transactions: [...saved.transactions] }
}

/** A transaction of one byte more, with its length before it. */
function withExtraByte(transaction: Transaction): Uint8Array {
  const bytes = encodeTransaction(transaction)
  return Uint8Array.of(bytes.length + 1, ...bytes, 0)
}
