import { ChainManager } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
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
