import { ChainManager, type ChainStore, MemoryChainStore, MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import { type Block, formatHash, parseHash } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { expect, test } from 'vitest'
import { type FollowedIndex, followIndex, type IndexFollowing } from '../src/follow-index.ts'
import { type DataStore, openStore } from '../src/open-store.ts'
import { digestCoins } from './digest-coins.ts'
import { modelIndexes } from './index-model.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const spec = loadNetwork('regtest')
/** Judges no signatures: they are not what is tested here, and take most of the time. */
const modules = {
  verifier: { name: 'none', findInvalid: () => Promise.resolve(undefined) },
  clock: (): number => 0xffffffff,
}

/**
 * Two branches that overtake each other, each block with a payment, in the order in which they come:
 *
 *     0 … 300 - a1 … a4            a5 … a12
 *            \  b1 …           b7            b8 … b20
 */
const { batches, winner } = createBranches()

function createBranches(): { batches: Block[][]; winner: readonly Block[] } {
  const a = ChainBuilder.create(spec)
  a.mineEmpty(MIN_KEPT_BLOCKS + 12)
  const b = a.fork()
  const grow = (builder: ChainBuilder, count: number, extraNonce: number): Block[] =>
    Array.from({ length: count }, () => {
      const outputs = [{ value: 5_000_000n, scriptPubKey: testKey('payee').script }]
      const payment = builder.spend(builder.spendable().slice(0, 2), outputs)
      return builder.mine({ extraNonce, transactions: [payment] })
    })
  const first = [...a.blocks]
  return { batches: [first, grow(a, 4, 0), grow(b, 7, 1), grow(a, 8, 0), grow(b, 13, 1)], winner: b.blocks }
}

/** Hands the blocks over without waiting for each, and prunes along the way what nobody needs any more. */
async function connectAll(
  chain: ChainManager,
  prunes: boolean,
  followed: () => Promise<void>,
): Promise<void> {
  for (const batch of batches) {
    await Promise.all(batch.map((block) => chain.acceptBlock(block)))
    await followed()
    if (prunes) await chain.prune(chain.tip.height)
  }
}

/** All that a store says of the chain in it. */
function describeStore(store: ChainStore, tip: number): unknown {
  const blocks = Array.from({ length: tip + 1 }, (_, height) => {
    const hash = store.readHashAt(height)
    if (hash === undefined) throw new Error(`nothing at height ${height}`)
    return [
      formatHash(hash),
      store.readBody({ hash, height })?.length,
      store.readUndo({ hash, height })?.length,
    ]
  })
  return { blocks, tip: store.readTip(), coins: digestCoins(store), records: [...store.readRecords()].length }
}

/** Follows an index; `atTip` waits until it stands there. */
function followUp(
  index: FollowedIndex,
  chain: ChainManager,
  signal: AbortSignal,
): { following: IndexFollowing; atTip: () => Promise<void> } {
  let wake = (): void => undefined
  const following = followIndex(index, chain, { signal, groupRows: 20, onProgress: () => wake() })
  const atTip = (): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (following.isSynced) resolve()
      }
      wake()
    })
  return { following, atTip }
}

function expectIndexes({ transactionIndex, filterIndex }: DataStore, chain: ChainManager): void {
  const { transactions, filters } = modelIndexes([spec.consensus.genesis, ...winner])
  for (const [id, place] of transactions) expect(transactionIndex.find(parseHash(id))).toEqual(place)
  for (const [hash, filter] of filters) {
    const node = chain.find(parseHash(hash))
    expect(node === undefined ? undefined : filterIndex.find(node)).toEqual(filter)
  }
}

const caches = [
  ['no cache', 0],
  ['a cache of sixteen coins', 1_500],
  ['a large cache', 10_000_000],
] as const

const configurations = caches.flatMap(([name, cacheSize]) =>
  [false, true].flatMap((prunes) =>
    [false, true].map((indexes) => ({
      ...{ name, cacheSize, prunes, indexes },
      pruning: prunes ? 'pruned' : 'not pruned',
      following: indexes ? 'with both indexes' : 'without indexes',
    })),
  ),
)

test.each(configurations)(
  'with $name, $pruning and $following, a chain with reorganisations is that of the memory store',
  async ({ cacheSize, prunes, indexes }) => {
    const memory = new MemoryChainStore()
    await connectAll(await ChainManager.open(spec, { ...modules, store: memory }), prunes, () =>
      Promise.resolve(),
    )

    const directory = temporaryDirectory()
    const first = await openStore({ directory, specId: spec.id, cacheSize })
    const chain = await ChainManager.open(spec, { ...modules, store: first.chainStore })
    const stop = new AbortController()
    const followed = indexes
      ? [first.transactionIndex, first.filterIndex].map((index) => followUp(index, chain, stop.signal))
      : []
    await connectAll(
      chain,
      prunes,
      async () => void (await Promise.all(followed.map(({ atTip }) => atTip()))),
    )
    const height = chain.tip.height
    stop.abort()
    await Promise.all(followed.map(({ following }) => following.done))
    expect(describeStore(first.chainStore, height)).toEqual(describeStore(memory, height))
    await first.close()

    const again = await openStore({ directory, specId: spec.id, cacheSize })
    expect(describeStore(again.chainStore, height)).toEqual(describeStore(memory, height))
    if (indexes) expectIndexes(again, chain)
    await again.close()
  },
)
