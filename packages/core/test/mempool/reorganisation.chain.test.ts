import { inlineVerifier, type SignatureCheck } from '@chain/core/consensus'
import type { MempoolOutcome } from '@chain/core/mempool'
import { type Transaction, txid, virtualSize } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { withCoinbase } from '../block-changes.ts'
import { acceptAll } from '../chains.ts'
import { testNetwork } from '../networks.ts'
import { openPool, outputOf, type Pool } from './pools.ts'

const spec = testNetwork()
const payee = testKey('payee')

function pay(builder: ChainBuilder, from: PlacedCoin, value: bigint, key = builder.key): Transaction {
  return builder.spend([from], [{ value, scriptPubKey: payee.script }], { key })
}

function waiting(pool: Pool): string[] {
  return [...pool.mempool.entries()].map((entry) => txid(entry.transaction).join())
}

function ids(...transactions: readonly Transaction[]): string[] {
  return transactions.map((transaction) => txid(transaction).join())
}

/*
 *     … 5 - 6(parent) - 7(child)        grandchild waits
 *        \ 6'- 7'- 8'
 */
describe('a reorganisation that confirms nothing', () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const better = main.fork()
  const [coin] = main.spendable() as [PlacedCoin]
  const parent = pay(main, coin, 1_000_000n)
  const child = pay(main, outputOf(parent), 500_000n, payee)
  const grandchild = pay(main, outputOf(child), 100_000n, payee)
  main.mine({ transactions: [parent] })
  main.mine({ transactions: [child] })
  better.mineEmpty(3, { extraNonce: 1 })

  test('gives back the transactions of both blocks, parents first', async () => {
    const pool = await openPool(spec, main.blocks)
    await pool.mempool.accept(grandchild)
    await acceptAll(pool.chain, better.blocks)
    await pool.mempool.settled()
    expect(waiting(pool)).toEqual(ids(parent, child, grandchild))
    const block = better.fork().mine({ transactions: [parent, child, grandchild] })
    expect(await acceptAll(pool.chain, [block])).toEqual(['connected'])
    expect(pool.mempool.count).toBe(0)
  })

  test('verifies no signature again', async () => {
    let verified = 0
    const verifier = {
      name: 'counting',
      findInvalid(checks: readonly SignatureCheck[]): Promise<number | undefined> {
        verified += checks.length
        return inlineVerifier.findInvalid(checks)
      },
    }
    const pool = await openPool(spec, main.blocks, { verifier })
    await pool.mempool.accept(grandchild)
    await acceptAll(pool.chain, better.blocks)
    await pool.mempool.settled()
    expect(pool.mempool.count).toBe(3)
    expect(verified).toBe(1)
  })
})

/*
 *     … 5 - 6(coin to a)          b's payment of another coin waits
 *        \ 6'(coin to c) - 7'
 */
test('a reorganisation drops what contradicts the new chain', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const better = main.fork()
  const [coin, other] = main.spendable() as [PlacedCoin, PlacedCoin]
  const toAnna = pay(main, coin, 1_000n)
  const dependent = pay(main, outputOf(toAnna), 500n, payee)
  const unrelated = pay(main, other, 3_000n)
  main.mine({ transactions: [toAnna] })
  better.mine({ transactions: [pay(main, coin, 2_000n)] })
  better.mine()
  const pool = await openPool(spec, main.blocks)
  for (const one of [dependent, unrelated]) await pool.mempool.accept(one)
  expect(pool.mempool.count).toBe(2)
  await acceptAll(pool.chain, better.blocks)
  await pool.mempool.settled()
  expect(waiting(pool)).toEqual(ids(unrelated))
})

/*
 *     … 5 - 6 - 7          a payment of the coinbase of 6 waits
 *        \ 6'- 7'- 8'      where there is no such coinbase
 */
test('a reorganisation drops what spends a coinbase that is gone', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const better = main.fork()
  main.mineEmpty(2)
  better.mineEmpty(3, { extraNonce: 1 })
  const coin = main.spendable().at(-1) as PlacedCoin
  const pool = await openPool(spec, main.blocks)
  expect((await pool.mempool.accept(pay(main, coin, 1_000n))).status).toBe('accepted')
  await acceptAll(pool.chain, better.blocks)
  await pool.mempool.settled()
  expect(pool.mempool.count).toBe(0)
})

/*
 *     … 5 - 6(first)            second waits
 *        \ 6'(second) - x       x pays too much
 */
test('a reorganisation that fails leaves the mempool as it was', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const side = main.fork()
  const [coin, other] = main.spendable() as [PlacedCoin, PlacedCoin]
  const first = pay(main, coin, 1_000n)
  const second = pay(main, other, 2_000n)
  main.mine({ transactions: [first] })
  side.mine({ transactions: [second] })
  const greedy = withCoinbase((coinbase) => ({
    ...coinbase,
    outputs: coinbase.outputs.map((output) => ({ ...output, value: output.value + 1n })),
  }))
  const bad = side.fork().mine({ spoil: greedy })
  const pool = await openPool(spec, main.blocks)
  await pool.mempool.accept(second)
  expect(await acceptAll(pool.chain, [side.blocks[5] as never, bad])).toEqual(['side-chain', 'invalid'])
  await pool.mempool.settled()
  expect(pool.chain.tip.hash).toEqual(main.tip.hash)
  expect(waiting(pool)).toEqual(ids(second))
})

/*
 *     … 5 - 6(first)            second waits since an hour
 *        \ 6'- 7'
 */
test('a reorganisation says nothing of what waits on, and keeps its time', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const better = main.fork()
  const [coin, other] = main.spendable() as [PlacedCoin, PlacedCoin]
  const [first, second] = [pay(main, coin, 1_000n), pay(main, other, 2_000n)]
  main.mine({ transactions: [first] })
  better.mineEmpty(2, { extraNonce: 1 })
  const pool = await openPool(spec, main.blocks)
  await pool.mempool.accept(second)
  const entry = pool.mempool.get(txid(second))
  const time = pool.clock.now()
  pool.clock.advance(3_600)
  await acceptAll(pool.chain, better.blocks)
  expect(waiting(pool)).toEqual(ids(first, second))
  expect(pool.mempool.get(txid(second))).toBe(entry)
  expect(entry?.time).toBe(time)
  expect(pool.events).toEqual(['added', 'added'])
})

/*
 *     … 5 - 6(parent)           child waits
 *        \ 6'- 7'
 */
test('a reorganisation binds a child to its parent that returns', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const better = main.fork()
  const [coin] = main.spendable() as [PlacedCoin]
  const parent = pay(main, coin, 1_000_000n)
  const child = pay(main, outputOf(parent), 500_000n, payee)
  main.mine({ transactions: [parent] })
  better.mineEmpty(2, { extraNonce: 1 })
  const pool = await openPool(spec, main.blocks)
  await pool.mempool.accept(child)
  expect(pool.mempool.get(txid(child))?.parents.size).toBe(0)
  await acceptAll(pool.chain, better.blocks)
  const above = pool.mempool.get(txid(parent))
  expect(pool.mempool.get(txid(child))?.parents).toEqual(new Set([above]))
  expect(above?.children.size).toBe(1)
})

/*
 *     … 5 - 6(three payments)
 *        \ 6'- 7'               there is room for two
 */
test('a reorganisation gives back no more than there is room for', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(6)
  const better = main.fork()
  const payments = main
    .spendable()
    .slice(0, 3)
    .map((coin, index) => pay(main, coin, BigInt(1_000 + index)))
  for (const one of payments) main.mine({ transactions: [one] })
  better.mineEmpty(4, { extraNonce: 1 })
  const size = virtualSize(payments[0] as Transaction) + 2
  const pool = await openPool(spec, main.blocks, { limits: { maxMempoolSize: 2 * size } })
  await acceptAll(pool.chain, better.blocks)
  expect(waiting(pool)).toEqual(ids(...payments.slice(0, 2)))
})

/*
 *     … 5 - 6(first) - 7        a payment is handed in while 7 and 6 are taken away
 *        \ 6'- 7'- 8'
 */
test('what is handed in during a reorganisation is looked at after it', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const better = main.fork()
  const [coin] = main.spendable() as [PlacedCoin]
  const first = pay(main, coin, 1_000n)
  const dependent = pay(main, outputOf(first), 500n, payee)
  main.mine({ transactions: [first] })
  main.mineEmpty(1)
  better.mineEmpty(3, { extraNonce: 1 })
  const pool = await openPool(spec, main.blocks)
  const outcomes: Promise<MempoolOutcome>[] = []
  pool.chain.subscribe((event) => {
    if (event.type === 'block-disconnected') outcomes.push(pool.mempool.accept(dependent))
  })
  await acceptAll(pool.chain, better.blocks)
  expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(['accepted', 'duplicate'])
  expect(waiting(pool)).toEqual(ids(first, dependent))
})

/*
 *     … 5 - 6(parent) - 7(child)
 *       6 is given up by the operator
 */
test('what an operator gives up waits again, and is confirmed again', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(5)
  const [coin] = main.spendable() as [PlacedCoin]
  const parent = pay(main, coin, 1_000_000n)
  const child = pay(main, outputOf(parent), 500_000n, payee)
  for (const one of [parent, child]) main.mine({ transactions: [one] })
  const pool = await openPool(spec, main.blocks)
  const sixth = pool.chain.tip.ancestor(6)
  await pool.chain.invalidate(sixth)
  expect(waiting(pool)).toEqual(ids(parent, child))
  await pool.chain.reconsider(sixth)
  expect(pool.chain.tip.height).toBe(7)
  expect(waiting(pool)).toEqual([])
})
