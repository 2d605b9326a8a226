import { type MempoolEntry, orderForMining } from '@chain/core/mempool'
import { expect, test } from 'vitest'
import { plainEntry } from './entries.ts'

function order(entries: readonly MempoolEntry[], maxWeight = 4_000_000): MempoolEntry[] {
  return orderForMining(entries, maxWeight).map(({ entry }) => entry)
}

test('a child pays for its parent', () => {
  const parent = plainEntry(100, 100)
  const other = plainEntry(500, 100)
  const child = plainEntry(2_000, 100, [parent])
  expect(order([parent, other, child])).toEqual([parent, child, other])
})

test('a parent that was taken for one child no longer counts for the other', () => {
  const parent = plainEntry(100, 300)
  const rich = plainEntry(3_900, 100, [parent])
  const modest = plainEntry(900, 100, [parent])
  const other = plainEntry(800, 100)
  expect(order([parent, other, rich, modest])).toEqual([parent, rich, modest, other])
})

test('what does not fit makes way for what does', () => {
  const large = plainEntry(100_000, 1_000)
  const small = plainEntry(100, 100)
  expect(order([large, small], 400)).toEqual([small])
})

test('the operator may put one before the others', () => {
  const poor = plainEntry(100, 100)
  const rich = plainEntry(1_000, 100)
  poor.feeDelta = 10_000n
  expect(order([rich, poor])).toEqual([poor, rich])
})

test('of equals, the one that came first goes first', () => {
  const entries = Array.from({ length: 20 }, () => plainEntry(100, 100))
  expect(order(entries)).toEqual(entries)
})

test('5,000 transactions in families are put in order in a moment', () => {
  const entries: MempoolEntry[] = []
  for (let i = 0; i < 5_000; i++) {
    const parent = i % 25 === 0 ? [] : entries.slice(-1)
    entries.push(plainEntry((i * 7_919) % 10_000, 140 + (i % 60), parent))
  }
  const start = performance.now()
  expect(order(entries)).toHaveLength(5_000)
  // Far above what it takes, far below what looking at every package again would.
  expect(performance.now() - start).toBeLessThan(2_000)
})
