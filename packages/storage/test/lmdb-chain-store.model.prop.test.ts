import type { Coin, OutPoint } from '@chain/core/primitives'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coinKey } from '../src/layout.ts'
import { LmdbChainStore } from '../src/lmdb-chain-store.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

/** The coins that a store should hold, by the hexadecimal digits of their keys. */
type Model = Map<string, readonly [OutPoint, Coin]>
type Command = fc.AsyncCommand<{ coins: Model }, { store: LmdbChainStore; reopen: () => Promise<void> }>
type Changes = readonly (readonly [OutPoint, Coin | undefined])[]

const outpoint: fc.Arbitrary<OutPoint> = fc
  .tuple(fc.nat(30), fc.oneof(fc.nat(2), fc.constantFrom(252, 253, 0xffff, 0x10000)))
  .map(([seed, index]) => ({ txid: new Uint8Array(32).fill(seed * 7), index }))

const coin: fc.Arbitrary<Coin> = fc.record({
  output: fc.record({
    value: fc.bigInt({ min: 0n, max: 2_100_000_000_000_000n }),
    scriptPubKey: fc.oneof(
      fc.uint8Array({ minLength: 20, maxLength: 20 }).map((hash) => Uint8Array.of(0, 20, ...hash)),
      fc.uint8Array({ maxLength: 3_000, size: 'large' }),
    ),
  }),
  height: fc.nat(5_000_000),
  isCoinbase: fc.boolean(),
})

const changes: fc.Arbitrary<Changes> = fc.uniqueArray(
  fc.tuple(outpoint, fc.option(coin, { nil: undefined })),
  {
    selector: ([point]) => keyOf(point),
    maxLength: 40,
  },
)

function keyOf(point: OutPoint): string {
  return Buffer.from(coinKey(point)).toString('hex')
}

function apply(coins: Model, batch: Changes): void {
  for (const [point, value] of batch) {
    if (value === undefined) coins.delete(keyOf(point))
    else coins.set(keyOf(point), [point, value])
  }
}

function commits(batches: readonly Changes[]): Command {
  return {
    check: () => true,
    run: async (model, { store }) => {
      let isDone = false
      const all = Promise.all(batches.map((batch) => store.commit({ coins: batch }))).then(() => {
        isDone = true
      })
      // While a commit is under way, reads see nothing of it: neither of its coins nor of those that it takes away.
      if (batches.length === 1) {
        while (!isDone) {
          for (const [point] of batches[0] ?? []) expectCoin(model.coins, store, point)
          await new Promise(setImmediate)
        }
      }
      await all
      for (const batch of batches) apply(model.coins, batch)
      for (const [point] of batches.flat()) expectCoin(model.coins, store, point)
    },
    toString: () => `commit ${fc.stringify(batches)}`,
  }
}

function reads(points: readonly OutPoint[]): Command {
  return {
    check: () => true,
    run: ({ coins }, { store }) => {
      for (const point of points) expectCoin(coins, store, point)
      return Promise.resolve()
    },
    toString: () => `read ${fc.stringify(points)}`,
  }
}

const lists: Command = {
  check: () => true,
  run: ({ coins }, { store }) => {
    const expected = [...coins].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
    expect([...store.readCoins()]).toEqual(expected)
    return Promise.resolve()
  },
  toString: () => 'list',
}

const reopens: Command = {
  check: () => true,
  run: (_, { reopen }) => reopen(),
  toString: () => 'reopen',
}

const drops: Command = {
  check: () => true,
  run: async (model, { store }) => {
    await store.dropState()
    model.coins.clear()
  },
  toString: () => 'drop',
}

function expectCoin(coins: Model, store: LmdbChainStore, point: OutPoint): void {
  expect(store.readCoin(point)).toEqual(coins.get(keyOf(point))?.[1])
}

test.each([
  ['no cache', 0],
  ['a cache of sixteen coins', 1_500],
  ['a large cache', 1_000_000],
])(
  'with %s, reads see exactly what a map would hold after the last finished commit',
  async (_, cacheSize) => {
    const commands = fc.commands(
      [
        changes.map((batch) => commits([batch])),
        fc.array(changes, { maxLength: 5 }).map(commits),
        fc.array(outpoint, { maxLength: 40 }).map(reads),
        fc.constant(lists),
        fc.constant(reopens),
        fc.constant(drops),
      ],
      { size: '+1' },
    )
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        const directory = temporaryDirectory()
        let environment = temporaryEnvironment(directory)
        const real = {
          store: new LmdbChainStore(environment, cacheSize),
          reopen: async () => {
            await environment.close()
            environment = temporaryEnvironment(directory)
            real.store = new LmdbChainStore(environment, cacheSize)
          },
        }
        try {
          await fc.asyncModelRun(() => ({ model: { coins: new Map() }, real }), all)
        } finally {
          await environment.close()
        }
      }),
      { numRuns: 15 },
    )
  },
)
