import { createHash } from 'node:crypto'
import type { Coin, OutPoint } from '@chain/core/primitives'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { CACHED_COIN_LENGTH, MAX_CACHED_LENGTH } from '../src/coin-buckets.ts'
import { CoinCache } from '../src/coin-cache.ts'
import { encodeCoins } from '../src/coin-rows.ts'
import { encodeCoin } from './encode-coin.ts'

/** Few transactions, so that outpoints meet each other. */
const outpoint: fc.Arbitrary<OutPoint> = fc
  .tuple(fc.nat(20), fc.oneof(fc.nat(3), fc.constantFrom(253, 0x10000, 0xffffffff)))
  .map(([seed, index]) => ({ txid: txidOf(seed), index }))

const script = fc.oneof(
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((hash) => Uint8Array.of(0, 20, ...hash)),
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((key) => Uint8Array.of(0x51, 32, ...key)),
  fc.uint8Array({ maxLength: 100 }),
)

const coin: fc.Arbitrary<Coin> = fc.record({
  output: fc.record({ value: fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }), scriptPubKey: script }),
  height: fc.nat(0xffffffff),
  isCoinbase: fc.boolean(),
})

const changes = fc.uniqueArray(fc.tuple(outpoint, fc.option(coin, { nil: undefined })), {
  selector: ([{ txid, index }]) => `${txid.join()}:${index}`,
})

const budgets = [0, 100, 1_500, 10_000, 1_000_000]

test('what is cached is what was put there last, at every budget', () => {
  fc.assert(
    fc.property(fc.constantFrom(...budgets), fc.array(changes, { maxLength: 20 }), (budget, commits) => {
      const cache = new CoinCache(budget)
      const model = new Map<string, { point: OutPoint; value: Coin | undefined }>()
      for (const commit of commits) {
        cache.update(encodeCoins(commit))
        for (const [point, value] of commit) model.set(keyOf(point), { point, value })
        for (const { point, value } of model.values()) {
          const cached = cache.get(point)
          if (cached !== undefined) expect(cached).toEqual(value)
        }
      }
    }),
  )
})

test('a cache that is large enough keeps every coin whose row is short', () => {
  fc.assert(
    fc.property(changes, (commit) => {
      const cache = new CoinCache(1_000_000)
      cache.update(encodeCoins(commit))
      for (const [point, value] of commit) {
        const isCached = value !== undefined && encodeCoin(value).length <= MAX_CACHED_LENGTH
        expect(cache.get(point)).toEqual(isCached ? value : undefined)
      }
      cache.clear()
      for (const [point] of commit) expect(cache.get(point)).toBeUndefined()
    }),
  )
})

test('coins of P2WPKH and taproot are cached, whatever their height and amount', () => {
  fc.assert(
    fc.property(outpoint, coin, (point, value) => {
      const { length } = value.output.scriptPubKey
      fc.pre(length === 22 || length === 34)
      const cache = new CoinCache(10_000)
      cache.put(point, encodeCoin(value))
      expect(cache.get(point)).toEqual(value)
    }),
  )
})

test('the budget bounds the coins, and a full cache loses those that came first', () => {
  const budget = 100_000
  const cache = new CoinCache(budget)
  const points = Array.from({ length: 5_000 }, (_, seed) => ({ txid: txidOf(seed), index: 0 }))
  const row = rowOf(1n)
  for (const point of points) cache.put(point, row)
  const kept = points.map((point) => cache.get(point) !== undefined)
  const count = kept.filter(Boolean).length
  expect(cache.capacity * CACHED_COIN_LENGTH).toBeLessThanOrEqual(budget)
  expect(count).toBeLessThanOrEqual(cache.capacity)
  expect(count).toBeGreaterThan(cache.capacity * 0.95)
  expect(kept.slice(-500).filter(Boolean)).toHaveLength(500)
  expect(kept.slice(0, 2_500).filter(Boolean)).toHaveLength(0)
})

test('a cache that grows keeps every coin, changed and deleted ones among them', () => {
  const cache = new CoinCache(20_000_000)
  const points = Array.from({ length: 60_000 }, (_, seed) => ({ txid: txidOf(seed), index: seed % 5 }))
  const rows = [rowOf(1n), rowOf(2n)] as const
  for (const point of points) {
    cache.put(point, rows[0])
    cache.put(point, rows[1])
    if (point.index === 4) cache.delete(point)
  }
  const values = points.map((point) => cache.get(point)?.output.value)
  const isWrong = (value: bigint | undefined, seed: number): boolean =>
    value !== undefined && (seed % 5 === 4 || value !== 2n)
  expect(values.filter(isWrong)).toEqual([])
  // One in a hundred may have met with a full bucket.
  expect(values.filter((value) => value !== undefined).length).toBeGreaterThan(48_000 * 0.99)
})

test('a cache that grows moves few coins at a time, and takes little memory at a time', () => {
  const cache = new CoinCache(2 ** 26)
  const row = rowOf(1n)
  const points = Array.from({ length: 20_000 }, (_, seed) => ({ txid: txidOf(seed), index: 0 }))
  const copies = vi.spyOn(Uint8Array.prototype, 'set')
  let mostCopies = 0
  let mostMemory = 0
  try {
    for (const point of points) {
      const before = process.memoryUsage().arrayBuffers
      copies.mockClear()
      cache.put(point, row)
      mostCopies = Math.max(mostCopies, copies.mock.calls.length)
      mostMemory = Math.max(mostMemory, process.memoryUsage().arrayBuffers - before)
    }
  } finally {
    copies.mockRestore()
  }
  // The coin itself and those of one bucket.
  expect(mostCopies).toBeGreaterThan(1)
  expect(mostCopies).toBeLessThanOrEqual(17)
  expect(mostMemory).toBeLessThan(2 ** 21)
})

function rowOf(value: bigint): Uint8Array {
  return encodeCoin({ output: { value, scriptPubKey: new Uint8Array() }, height: 1, isCoinbase: false })
}

function txidOf(seed: number): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`${seed}`).digest())
}

function keyOf({ txid, index }: OutPoint): string {
  return `${txid.join()}:${index}`
}
