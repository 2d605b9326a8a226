import { statSync } from 'node:fs'
import { ChainManager } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import type { Coin } from '@chain/core/primitives'
import { ChainBuilder, type ChainStoreFixture, chainStoreContract } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import type { Environment } from '../src/environment.ts'
import { coinKey, heightKey, metaKey, type TableName } from '../src/layout.ts'
import { LmdbChainStore } from '../src/lmdb-chain-store.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

function createFixture(cacheSize: number): ChainStoreFixture {
  const directory = temporaryDirectory()
  let environment: Environment
  const open = (): Promise<LmdbChainStore> => {
    environment = temporaryEnvironment(directory)
    return Promise.resolve(new LmdbChainStore(environment, cacheSize))
  }
  const reopen = async (): Promise<LmdbChainStore> => {
    await environment.close()
    return open()
  }
  return { open, reopen }
}

describe.each([
  ['without a cache', 0],
  ['with a cache of sixteen coins', 1_500],
  ['with a large cache', 10_000_000],
])('LmdbChainStore %s', (_, cacheSize) => {
  for (const { title, run } of chainStoreContract) test(title, () => run(createFixture(cacheSize)))
})

const block = { hash: new Uint8Array(32).fill(3), height: 9 }
const outpoint = { txid: new Uint8Array(32).fill(4), index: 1 }

test.each<[TableName, Uint8Array, (store: LmdbChainStore) => unknown]>([
  ['meta', metaKey('tip'), (store) => store.readTip()],
  ['heights', heightKey(9), (store) => store.readHashAt(9)],
  ['blocks', Uint8Array.of(0, 0, 0, 9, ...block.hash), (store) => store.readBody(block)],
  ['undo', Uint8Array.of(0, 0, 0, 9, ...block.hash), (store) => store.readUndo(block)],
  ['headers', Uint8Array.of(0, 0, 0, 9, ...block.hash), (store) => [...store.readRecords()]],
  ['coins', coinKey(outpoint), (store) => store.readCoin(outpoint)],
  ['coins', coinKey(outpoint), (store) => [...store.readCoins()]],
])('a damaged row of %s is corruption, not a wrong answer', async (table, key, read) => {
  const environment = temporaryEnvironment()
  const store = new LmdbChainStore(environment)
  await environment.write([{ table, key, value: new Uint8Array(40).fill(0x77) }])
  expect(() => read(store)).toThrow(expect.objectContaining({ code: 'store-corrupt' }) as Error)
})

test('dropping the state leaves records and bodies, and nothing that follows from connecting blocks', async () => {
  const environment = temporaryEnvironment()
  const store = new LmdbChainStore(environment)
  const builder = ChainBuilder.create()
  builder.mineEmpty(3)
  const modules = { verifier: inlineVerifier, clock: (): number => 0xffffffff }
  const chain = await ChainManager.open(builder.spec, { ...modules, store })
  for (const mined of builder.blocks) await chain.acceptBlock(mined)
  const [coin] = [...store.readCoins()].map(([point]) => point)
  await store.dropState()
  expect(store.readTip()).toBeUndefined()
  expect(coin === undefined ? undefined : store.readCoin(coin)).toBeUndefined()
  expect([...store.readCoins()]).toEqual([])
  expect([...store.readRecords()]).toHaveLength(4)
  for (let height = 0; height <= 3; height++) {
    const node = chain.at(height)
    if (node === undefined) throw new Error('unreachable')
    expect(store.readHashAt(height)).toBeUndefined()
    expect(store.readUndo(node)).toBeUndefined()
    expect(store.readBody(node)).toBeDefined()
  }
})

test('after a failed commit every later one fails, those handed in before included', async () => {
  const environment = temporaryEnvironment()
  const store = new LmdbChainStore(environment)
  const tooLong = { txid: new Uint8Array(32), index: 0 }
  await store.commit({ tip: block.hash })
  const closing = environment.close()
  const failed = [store.commit({ coins: [[tooLong, undefined]] }), store.commit({ tip: outpoint.txid })]
  for (const commit of failed) await expect(commit).rejects.toMatchObject({ code: 'store-closed' })
  await closing
})

describe('coins that are held', () => {
  const coinAt = (value: bigint): Coin => ({
    output: { value, scriptPubKey: new Uint8Array(22) },
    height: 1,
    isCoinbase: false,
  })
  const outpoints = Array.from({ length: 1_000 }, (_, index) => ({ txid: new Uint8Array(32).fill(5), index }))

  async function storeWithCoins(): Promise<{ environment: Environment; store: LmdbChainStore }> {
    const environment = temporaryEnvironment()
    const store = new LmdbChainStore(environment)
    await store.commit({ tip: block.hash, coins: outpoints.map((point) => [point, coinAt(7n)] as const) })
    return { environment, store }
  }

  test('are those of one moment, with its tip, whatever is committed while they are read', async () => {
    const { store } = await storeWithCoins()
    const first = store.holdCoins()
    const coins = first.read()[Symbol.iterator]()
    coins.next()
    await store.commit({ tip: outpoint.txid, coins: outpoints.map((point) => [point, undefined] as const) })
    const second = store.holdCoins()
    await store.commit({ coins: [[outpoint, coinAt(8n)]] })
    expect(first.tip).toEqual(block.hash)
    expect(second.tip).toEqual(outpoint.txid)
    let read = 1
    for (let next = coins.next(); next.done !== true; next = coins.next()) {
      expect(next.value[1]).toEqual(coinAt(7n))
      read += 1
    }
    expect(read).toBe(outpoints.length)
    expect([...second.read()]).toEqual([])
    expect([...store.readCoins()]).toEqual([[outpoint, coinAt(8n)]])
    first.release()
    first.release()
    expect(() => [...first.read()]).toThrow('while somebody holds')
    expect([...second.read()]).toEqual([])
    second.release()
  })

  test('do not keep the data file from being closed', async () => {
    const { environment, store } = await storeWithCoins()
    const held = store.holdCoins()
    await store.commit({ coins: [[outpoint, coinAt(8n)]] })
    await environment.close()
    expect(() => [...held.read()]).toThrow()
    held.release()
  })

  test('let freed pages be used again when they are given back', async () => {
    const { environment, store } = await storeWithCoins()
    const change = (value: bigint): Promise<void> =>
      store.commit({ coins: outpoints.map((point) => [point, coinAt(value)] as const) })
    const grow = async (): Promise<number> => {
      for (let value = 1n; value < 20n; value++) await change(value)
      return statSync(environment.file).size
    }
    await grow()
    const before = await grow()
    const held = store.holdCoins()
    const meanwhile = await grow()
    expect(meanwhile).toBeGreaterThan(before)
    held.release()
    expect(await grow()).toBe(meanwhile)
  })
})

test('what blocks and coins take in the data file grows and shrinks with them', async () => {
  const store = new LmdbChainStore(temporaryEnvironment())
  expect([store.blockBytes, store.coinBytes]).toEqual([0, 0])
  const blocks = Array.from({ length: 50 }, (_, height) => ({ ...block, height }))
  const rows = blocks.map((each) => ({ block: each, bytes: new Uint8Array(10_000) }))
  await store.commit({ bodies: rows, undo: rows })
  const full = store.blockBytes
  expect(full).toBeGreaterThanOrEqual(1_000_000)
  expect(full).toBeLessThan(1_350_000)
  await store.commit({ pruned: blocks.slice(0, 25) })
  expect(store.blockBytes).toBeCloseTo(full / 2, -5)
  await store.commit({ pruned: blocks.slice(25) })
  expect([store.blockBytes, store.coinBytes]).toEqual([0, 0])
  await store.commit({
    coins: [
      [outpoint, { output: { value: 1n, scriptPubKey: new Uint8Array(22) }, height: 1, isCoinbase: true }],
    ],
  })
  expect([store.blockBytes, store.coinBytes]).toEqual([0, 4_096])
})
