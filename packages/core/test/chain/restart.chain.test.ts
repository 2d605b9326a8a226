import { type ChainStore, type ChainStoreBatch, MemoryChainStore } from '@chain/core/chain'
import { OperationalError } from '@chain/core/errors'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, coinsAfter, listCoins, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

/** A store whose power fails after some commits: later ones do nothing and report failure. */
class FailingStore implements ChainStore {
  readonly #store: MemoryChainStore
  #left: number

  constructor(store: MemoryChainStore, commits: number) {
    this.#store = store
    this.#left = commits
  }

  readTip(): ReturnType<ChainStore['readTip']> {
    return this.#store.readTip()
  }

  readRecords(): ReturnType<ChainStore['readRecords']> {
    return this.#store.readRecords()
  }

  readHashAt(...args: Parameters<ChainStore['readHashAt']>): ReturnType<ChainStore['readHashAt']> {
    return this.#store.readHashAt(...args)
  }

  readBody(...args: Parameters<ChainStore['readBody']>): ReturnType<ChainStore['readBody']> {
    return this.#store.readBody(...args)
  }

  readUndo(...args: Parameters<ChainStore['readUndo']>): ReturnType<ChainStore['readUndo']> {
    return this.#store.readUndo(...args)
  }

  readCoin(...args: Parameters<ChainStore['readCoin']>): ReturnType<ChainStore['readCoin']> {
    return this.#store.readCoin(...args)
  }

  readCoins(): ReturnType<ChainStore['readCoins']> {
    return this.#store.readCoins()
  }

  commit(batch: ChainStoreBatch): Promise<void> {
    if (this.#left === 0) return Promise.reject(new OperationalError('power-failed', 'The power failed.'))
    this.#left--
    return this.#store.commit(batch)
  }
}

/*
 *     g - 1 - 2 - 3 - 4 - 5
 *               \ 3'- 4'- 5'- 6'     the power fails after any commit on the way
 */
describe('a node whose power fails', () => {
  const spec = testNetwork({ filterCommitment: true })
  const main = ChainBuilder.create(spec)
  main.mineEmpty(2)
  const better = main.fork()
  for (let i = 0; i < 3; i++) {
    const [coin] = main.spendable() as [PlacedCoin]
    main.mine({
      transactions: [main.spend([coin], [{ value: 1_000n, scriptPubKey: testKey('payee').script }])],
    })
  }
  const [coin] = better.spendable() as [PlacedCoin]
  better.mine({
    transactions: [better.spend([coin], [{ value: 5n, scriptPubKey: testKey('other').script }])],
  })
  better.mineEmpty(3)
  const all = [...main.blocks, ...better.blocks.slice(2)]
  /** Genesis, five blocks, three side blocks, three disconnected and four connected blocks, the last one's body. */
  const commits = Array.from({ length: 18 }, (_, index) => index)

  test.each(commits)('after %i commits reaches the same state when it is started again', async (count) => {
    const store = new MemoryChainStore()
    await failAfter(store, count)
    expect(consistent(store)).toBe(true)
    const again = await openChain(spec, all, { store })
    expect(again.tip.hash).toEqual(better.tip.hash)
    expect(again.tip.filterHeader).toEqual(better.tip.filterHeader)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, better.blocks))
  })

  test('in the middle of a reorganisation goes on with it by itself', async () => {
    const store = new MemoryChainStore()
    const commitsBefore = 1 + 5 + 3 + 1
    await failAfter(store, commitsBefore + 2)
    expect(store.readTip()).toEqual(main.tip.ancestor(3).hash)
    const again = await openChain(spec, [], { store })
    expect(again.tip.hash).toEqual(better.tip.hash)
  })

  test('has seen the whole reorganisation in that many commits', async () => {
    const store = new MemoryChainStore()
    await failAfter(store, commits.length - 1)
    expect(store.readTip()).toEqual(better.tip.hash)
  })

  async function failAfter(store: MemoryChainStore, count: number): Promise<void> {
    const failing = new FailingStore(store, count)
    await expect(
      (async () => {
        const chain = await openChain(spec, [], { store: failing })
        await acceptAll(chain, all)
      })().then(
        () => 'done',
        (error: unknown) => (error instanceof OperationalError ? error.code : error),
      ),
    ).resolves.toMatch(/^(done|power-failed)$/)
  }

  /** Whether heights, tip and bodies of a store fit together. */
  function consistent(store: MemoryChainStore): boolean {
    const tip = store.readTip()
    if (tip === undefined) return [...store.readRecords()].length === 0
    const record = [...store.readRecords()].find(({ hash }) => hash.join() === tip.join())
    if (record === undefined) return false
    const above = store.readHashAt(record.height + 1)
    return store.readHashAt(record.height)?.join() === tip.join() && above === undefined
  }
})
