import { txid } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'
import { openPool } from './pools.ts'

const spec = testNetwork()
const payee = testKey('payee')
const base = ChainBuilder.create(spec)
base.mineEmpty(6)
const [coin] = base.spendable() as [PlacedCoin]

const paying = (value: bigint) => base.spend([coin], [{ value, scriptPubKey: payee.script }])
const own = paying(1_000_000n)
const id = txid(own)

test('a transaction of our own is remembered until a peer has it', async () => {
  const { mempool } = await openPool(spec, base.blocks)
  await mempool.accept(own)
  expect([mempool.isUnbroadcast(id), mempool.unbroadcastCount]).toEqual([false, 0])
  mempool.addUnbroadcast(id)
  expect([mempool.isUnbroadcast(id), mempool.unbroadcastCount]).toEqual([true, 1])
  mempool.removeUnbroadcast(id)
  expect([mempool.isUnbroadcast(id), mempool.unbroadcastCount]).toEqual([false, 0])
})

test('one that does not wait here is not remembered', async () => {
  const { mempool } = await openPool(spec, base.blocks)
  mempool.addUnbroadcast(id)
  expect(mempool.unbroadcastCount).toBe(0)
})

test('one that is confirmed or replaced is forgotten', async () => {
  const confirming = await openPool(spec, base.blocks)
  await confirming.mempool.accept(own)
  confirming.mempool.addUnbroadcast(id)
  await confirming.chain.acceptBlock(base.fork().mine({ transactions: [own] }))
  expect(confirming.mempool.unbroadcastCount).toBe(0)
  const replacing = await openPool(spec, base.blocks)
  await replacing.mempool.accept(own)
  replacing.mempool.addUnbroadcast(id)
  await replacing.mempool.accept(paying(500_000n))
  expect(replacing.mempool.count).toBe(1)
  expect(replacing.mempool.unbroadcastCount).toBe(0)
})
