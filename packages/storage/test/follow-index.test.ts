import { type BlockNode, ChainManager } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { type Block, blockHash, type Transaction, txid } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { FilterIndex } from '../src/filter-index.ts'
import { followIndex } from '../src/follow-index.ts'
import { IndexTable } from '../src/index-table.ts'
import { LmdbChainStore } from '../src/lmdb-chain-store.ts'
import { TransactionIndex } from '../src/transaction-index.ts'
import { temporaryEnvironment } from './temporary-environment.ts'

const spec = loadNetwork('regtest')
const modules = {
  verifier: { name: 'none', findInvalid: () => Promise.resolve(undefined) },
  clock: (): number => 0xffffffff,
}
const builder = ChainBuilder.create(spec)
builder.mineEmpty(20)

function blockAt(height: number): Block {
  return builder.blocks[height - 1] as Block
}

async function openScene() {
  const environment = temporaryEnvironment()
  const store = new LmdbChainStore(environment)
  const chain = await ChainManager.open(spec, { ...modules, store })
  for (const block of builder.blocks) await chain.acceptBlock(block)
  return { environment, store, chain, index: new TransactionIndex(environment) }
}

/** Follows an index until it stands at the tip, and ends with the test. */
async function catchUp(index: TransactionIndex | FilterIndex, chain: ChainManager, reports: string[] = []) {
  const stop = new AbortController()
  const heights: number[] = []
  const report = (sentence: string): void => void reports.push(sentence)
  const { promise, resolve } = Promise.withResolvers<void>()
  const onProgress = (height: number): void => {
    heights.push(height)
    if (height === chain.tip.height) resolve()
  }
  const following = followIndex(index, chain, { signal: stop.signal, groupRows: 6, onProgress, report })
  onTestFinished(async () => {
    stop.abort()
    await following.done
  })
  await Promise.race([promise, following.done])
  return { following, heights, stop }
}

test('an index that is switched on late catches up in groups and says how far it is', async () => {
  const { chain, index } = await openScene()
  expect(index.readCursor()).toBeUndefined()
  const { following, heights } = await catchUp(index, chain)
  expect(heights).toEqual([6, 12, 18, 20])
  expect(following).toMatchObject({ height: 20, isSynced: true })
  const [header, coinbase] = [blockAt(17).header, blockAt(17).transactions[0] as Transaction]
  expect(index.find(txid(coinbase))).toEqual({ block: { hash: blockHash(header), height: 17 }, position: 0 })
})

test('an index that waits at the tip ends at once when it is told to', async () => {
  const { chain, index } = await openScene()
  const { following, stop } = await catchUp(index, chain)
  stop.abort()
  await expect(following.done).resolves.toBeUndefined()
})

test('an index that is told to end before it began does nothing more', async () => {
  const { chain, index } = await openScene()
  await followIndex(index, chain, { signal: AbortSignal.abort() }).done
  expect(index.readCursor()?.height).toBe(0)
})

test('an index whose cursor the chain does not know is made anew, and that is reported', async () => {
  const { environment, chain, index } = await openScene()
  const table = new IndexTable(environment, 'transactions', 'transaction-index')
  const foreign = new Uint8Array(16).fill(9)
  await table.commit([table.row(foreign, Uint8Array.of(1, 1))], {
    height: 3,
    hash: new Uint8Array(32).fill(8),
  })
  const reports: string[] = []
  await catchUp(index, chain, reports)
  expect(reports).toEqual(['The transaction index does not belong to this chain and is made anew.'])
  expect(table.read(foreign)).toBeUndefined()
})

test('an index that needs a block that was pruned ends with an error and stays where it is', async () => {
  const { store, chain, index } = await openScene()
  await index.begin(chain.genesis)
  await store.commit({ pruned: [chain.at(4) as BlockNode] })
  const following = followIndex(index, chain, { groupRows: 2 })
  await expect(following.done).rejects.toMatchObject({ code: 'block-missing' })
  expect(following).toMatchObject({ height: 2, isSynced: false })
})

test('the indexes are empty again when the state is dropped', async () => {
  const { environment, store, chain, index } = await openScene()
  const filters = new FilterIndex(environment)
  const { stop } = await catchUp(index, chain)
  await catchUp(filters, chain)
  stop.abort()
  expect(filters.find(chain.tip)?.filter).toBeDefined()
  await store.dropState()
  expect([index.readCursor(), filters.readCursor()]).toEqual([undefined, undefined])
  expect([...environment.rows('transactions'), ...environment.rows('filters')]).toEqual([])
})

test('a damaged row of an index is corruption, not a wrong answer', async () => {
  const { environment, chain, index } = await openScene()
  const filters = new FilterIndex(environment)
  await catchUp(index, chain)
  await catchUp(filters, chain)
  for (const table of ['transactions', 'filters'] as const) {
    const rows = [...environment.rows(table)].map(({ key }) => ({
      table,
      key,
      value: new Uint8Array(40).fill(0x77),
    }))
    await environment.write(rows)
  }
  const corrupt = expect.objectContaining({ code: 'store-corrupt' }) as Error
  expect(() => filters.find(chain.tip)).toThrow(corrupt)
  expect(() => index.find(txid(blockAt(1).transactions[0] as Transaction))).toThrow(corrupt)
})
