import { checkBlock, checkBlockContext, computeSubsidy, medianTimePast } from '@chain/core/consensus'
import type { MempoolEntry } from '@chain/core/mempool'
import { createBlockTemplate, createCoinbase, selectEntries } from '@chain/core/mining'
import { blockWeight, type Transaction, transactionWeight, txid } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { openPool, outputOf } from '../mempool/pools.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork({ filterCommitment: true })
const base = ChainBuilder.create(spec)
base.mineEmpty(6)
const coins = base.spendable() as [PlacedCoin, PlacedCoin, PlacedCoin, PlacedCoin]
const payee = testKey('payee')

/** Pays all of a coin but a fee. */
function paying(coin: PlacedCoin, fee: bigint, key = base.key): Transaction {
  return base.spend([coin], [{ value: coin[1].output.value - fee, scriptPubKey: payee.script }], { key })
}

async function entriesOf(...transactions: Transaction[]): Promise<MempoolEntry[]> {
  const { mempool } = await openPool(spec, base.blocks)
  for (const transaction of transactions) expect((await mempool.accept(transaction)).status).toBe('accepted')
  return [...mempool.entries()]
}

function templateOf(entries: readonly MempoolEntry[], now = base.tip.header.time + 600) {
  const { script } = payee
  return createBlockTemplate({ params: spec.consensus, parent: base.tip, entries, script, now })
}

describe('a block template', () => {
  test('follows every rule but the proof of work', async () => {
    const block = templateOf(await entriesOf(paying(coins[0], 1_000n)))
    expect(() => checkBlock(block)).not.toThrow()
    expect(() => checkBlockContext(spec.consensus, block, base.tip)).not.toThrow()
    expect(block.header.parent).toEqual(base.tip.hash)
  })

  test('pays subsidy and fees to the miner', async () => {
    const block = templateOf(await entriesOf(paying(coins[0], 1_000n), paying(coins[1], 700n)))
    expect(block.transactions[0]?.outputs[0]).toEqual({
      value: computeSubsidy(spec.consensus, 7) + 1_700n,
      scriptPubKey: payee.script,
    })
  })

  test('has the time of the clock, or the earliest that is allowed', () => {
    expect(templateOf([], base.tip.header.time + 5).header.time).toBe(base.tip.header.time + 5)
    expect(templateOf([], 0).header.time).toBe(medianTimePast(base.tip) + 1)
  })

  test('differs by the extra nonce', () => {
    const options = { params: spec.consensus, parent: base.tip, entries: [], script: payee.script, now: 0 }
    const roots = [0, 1, 0xffffffff].map((extraNonce) => {
      return createBlockTemplate({ ...options, extraNonce }).header.merkleRoot.join()
    })
    expect(new Set(roots).size).toBe(3)
  })
})

describe('the choice of transactions', () => {
  test('prefers the highest fee rate', async () => {
    const [low, high] = [paying(coins[0], 500n), paying(coins[1], 5_000n)]
    const entries = await entriesOf(low, high)
    const room = transactionWeight(high) + 10
    expect(selectEntries(entries, room).map(({ transaction }) => transaction)).toEqual([high])
    expect(selectEntries(entries, 2 * room).map(({ transaction }) => transaction)).toEqual([low, high])
    expect(selectEntries(entries, 0)).toEqual([])
  })

  test('takes a parent for the sake of its child', async () => {
    const parent = paying(coins[0], 200n)
    const child = paying(outputOf(parent), 50_000n, payee)
    const other = paying(coins[1], 2_000n)
    const entries = await entriesOf(other, parent, child)
    const room = transactionWeight(parent) + transactionWeight(child) + 10
    expect(selectEntries(entries, room).map(({ transaction }) => transaction)).toEqual([parent, child])
  })

  test('never takes a child without its parent', async () => {
    const parent = paying(coins[0], 200n)
    const child = paying(outputOf(parent), 50_000n, payee)
    const entries = await entriesOf(parent, child)
    expect(selectEntries(entries, transactionWeight(child) + 10)).toHaveLength(1)
    expect(selectEntries(entries, transactionWeight(child) + 10)[0]?.transaction).toBe(parent)
  })

  test('no longer counts a parent that another child has paid for', async () => {
    const script = payee.script
    const parent = base.spend(
      [coins[0]],
      [10_000_000n, 10_000_000n].map((value) => ({ value, scriptPubKey: script })),
    )
    const rich = paying(outputOf(parent), 50_000n, payee)
    const modest = paying(outputOf(parent, 1), 3_000n, payee)
    const other = paying(coins[1], 2_000n)
    const entries = await entriesOf(other, parent, modest, rich)
    const room = [parent, rich, modest].reduce((sum, one) => sum + transactionWeight(one), 10)
    expect(selectEntries(entries, room).map(({ transaction }) => transaction)).toEqual([parent, modest, rich])
  })

  test('keeps the block below the weight that is asked for', async () => {
    const entries = await entriesOf(...coins.map((coin) => paying(coin, 1_000n)))
    const maxWeight = 4_000 + 2 * transactionWeight(entries[0]?.transaction as Transaction) + 10
    const { params, parent, script, now } = {
      params: spec.consensus,
      parent: base.tip,
      script: payee.script,
      now: 0,
    }
    const block = createBlockTemplate({ params, parent, entries, script, now, maxWeight })
    expect(block.transactions).toHaveLength(3)
    expect(blockWeight(block)).toBeLessThanOrEqual(maxWeight)
  })
})

describe('a coinbase', () => {
  test('has the same id whatever the witnesses of the block, but for its commitment', () => {
    const options = { height: 7, value: 5n, script: payee.script, extraNonce: 3, filterHeader: undefined }
    const empty = createCoinbase({ ...options, transactions: [] })
    const full = createCoinbase({ ...options, transactions: [paying(coins[0], 1_000n)] })
    expect(empty.outputs[0]).toEqual(full.outputs[0])
    expect(empty.outputs.at(-1)).not.toEqual(full.outputs.at(-1))
    expect(txid(empty)).not.toEqual(txid(full))
  })
})
