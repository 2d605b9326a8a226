import { ChainManager } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { type Block, formatHash, parseHash, txids } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FollowedIndex, followIndex, type IndexFollowing } from '../src/follow-index.ts'
import { type DataStore, openStore } from '../src/open-store.ts'
import { modelIndexes } from './index-model.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const spec = loadNetwork('regtest')
/** Judges no signatures: they are not what is tested here, and take most of the time. */
const modules = {
  verifier: { name: 'none', findInvalid: () => Promise.resolve(undefined) },
  clock: (): number => 0xffffffff,
}
/** Long enough for coins to mature. */
const trunk = ChainBuilder.create(spec)
trunk.mineEmpty(101)

interface RunningIndexes {
  readonly stop: AbortController
  readonly followings: readonly IndexFollowing[]
  readonly ended: Promise<PromiseSettledResult<void>[]>
  /** Called whenever one of them has come further. */
  readonly steps: Set<() => void>
}

/** A chain in a data directory, the blocks that were mined so far, and the indexes, on and off. */
class Scene {
  readonly directory: string
  /** The branch that ends with each block. */
  readonly points: ChainBuilder[] = [trunk.fork()]
  store: DataStore
  chain: ChainManager
  #nonce = 0
  #on: RunningIndexes | undefined

  private constructor(directory: string, store: DataStore, chain: ChainManager) {
    this.directory = directory
    this.store = store
    this.chain = chain
  }

  static async open(directory: string): Promise<Scene> {
    const { store, chain } = await openChain(directory)
    for (const block of trunk.blocks) await chain.acceptBlock(block)
    return new Scene(directory, store, chain)
  }

  get indexes(): FollowedIndex[] {
    return [this.store.transactionIndex, this.store.filterIndex]
  }

  /** Mines blocks on top of one of the last blocks, and hands them to the chain. */
  async mine(back: number, count: number, hasPayments: boolean): Promise<void> {
    const builder = (this.points.at(-1 - (back % this.points.length)) as ChainBuilder).fork()
    for (let i = 0; i < count; i++) {
      const coins = hasPayments ? builder.spendable().slice(0, 2) : []
      // The same coins and the same payee on two branches make the same transaction.
      const outputs = [{ value: 1_000n, scriptPubKey: testKey('payee').script }]
      const transactions = coins.length === 0 ? [] : [builder.spend(coins, outputs)]
      builder.mine({ transactions, extraNonce: ++this.#nonce })
      this.points.push(builder.fork())
    }
    await Promise.all(builder.blocks.slice(-count).map((block) => this.chain.acceptBlock(block)))
  }

  switchOn(groupRows: number): void {
    if (this.#on !== undefined) return
    const stop = new AbortController()
    const steps = new Set<() => void>()
    const onProgress = (): void => {
      for (const step of steps) step()
    }
    const options = { signal: stop.signal, groupRows, onProgress }
    const followings = this.indexes.map((index) => followIndex(index, this.chain, options))
    const ended = Promise.allSettled(followings.map(({ done }) => done))
    this.#on = { stop, followings, ended, steps }
  }

  async switchOff(): Promise<void> {
    if (this.#on === undefined) return
    this.#on.stop.abort()
    const ends = await this.#on.ended
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    this.#on = undefined
  }

  /** Closes the data directory in the midst of everything, and opens it again. */
  async reopen(): Promise<void> {
    const on = this.#on
    await this.store.close()
    // Those that were writing find the store closed; the others are told to end.
    on?.stop.abort()
    await on?.ended
    this.#on = undefined
    Object.assign(this, await openChain(this.directory))
  }

  async close(): Promise<void> {
    await this.switchOff()
    await this.store.close()
  }

  /** Waits until both indexes stand at the tip, and compares them with the model. */
  async check(): Promise<void> {
    this.switchOn(1_000)
    const { followings, steps } = this.#on as RunningIndexes
    await new Promise<void>((resolve) => {
      const step = (): void => {
        if (followings.every(({ isSynced }) => isSynced)) resolve()
      }
      steps.add(step)
      step()
    })
    const model = modelIndexes(this.#activeBranch())
    const { transactionIndex, filterIndex } = this.store
    for (const [hash, place] of model.transactions)
      expect(transactionIndex.find(parseHash(hash))).toEqual(place)
    for (const { tip, blocks } of this.points) {
      expect(filterIndex.find(tip)).toEqual(model.filters.get(formatHash(tip.hash)))
      for (const id of txids((blocks.at(-1) as Block).transactions))
        expect(transactionIndex.find(id)).toEqual(model.transactions.get(formatHash(id)))
    }
  }

  #activeBranch(): Block[] {
    const tip = formatHash(this.chain.tip.hash)
    const builder = this.points.find((point) => formatHash(point.tip.hash) === tip) as ChainBuilder
    return [spec.consensus.genesis, ...builder.blocks]
  }
}

async function openChain(directory: string): Promise<{ store: DataStore; chain: ChainManager }> {
  const store = await openStore({ directory, specId: spec.id, cacheSize: 100_000 })
  return { store, chain: await ChainManager.open(spec, { ...modules, store: store.chainStore }) }
}

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      mine: fc.nat(4),
      count: fc.integer({ min: 1, max: 6 }),
      hasPayments: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ switchOn: fc.constantFrom(1, 4, 1_000) }) },
  { weight: 1, arbitrary: fc.constant({ switchOff: true } as const) },
  { weight: 1, arbitrary: fc.constant({ reopen: true } as const) },
  { weight: 1, arbitrary: fc.constant({ check: true } as const) },
)

test('whatever the chain does and whenever they are on, the indexes come to hold what the active chain does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 12, size: 'max' }), async (actions) => {
      const scene = await Scene.open(temporaryDirectory())
      try {
        for (const act of actions) {
          if ('mine' in act) await scene.mine(act.mine, act.count, act.hasPayments)
          else if ('switchOn' in act) scene.switchOn(act.switchOn)
          else if ('switchOff' in act) await scene.switchOff()
          else if ('reopen' in act) await scene.reopen()
          else await scene.check()
        }
        await scene.check()
      } finally {
        await scene.close()
      }
    }),
    { numRuns: 12 },
  )
})
