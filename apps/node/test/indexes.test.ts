import type { ChainError } from '@chain/core/errors'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Indexes, type IndexSelection } from '../src/indexes.ts'
import { openStoredChain, type StoredChain } from './directory-with.ts'
import { type LogLine, recordLog } from './log-lines.ts'
import { patience } from './patience.ts'

const HEIGHT = 300
const both: IndexSelection = { transactions: true, filters: true }
const synced = [
  { name: 'txindex', height: HEIGHT, synced: true },
  { name: 'basic block filter index', height: HEIGHT, synced: true },
]
let builder: ChainBuilder
let blocks: readonly Block[]

beforeAll(() => {
  builder = ChainBuilder.create()
  builder.mineEmpty(HEIGHT)
  blocks = builder.blocks.slice()
})

interface TestIndexes {
  readonly indexes: Indexes
  readonly lines: LogLine[]
  readonly failures: ChainError[]
  readonly progress: () => number
}

function follow({ store, chain }: StoredChain, selection: IndexSelection): TestIndexes {
  const { log, lines } = recordLog()
  const failures: ChainError[] = []
  let progress = 0
  const indexes = new Indexes(selection, {
    store,
    chain,
    log,
    onProgress: () => {
      progress += 1
    },
    onFailed: (reason) => failures.push(reason),
  })
  onTestFinished(() => indexes.close())
  return { indexes, lines, failures, progress: () => progress }
}

describe('the indexes of a node', () => {
  it('catch up from nothing in the background, say so, and stay in step', async () => {
    const stored = await openStoredChain(blocks)
    const { indexes, lines, progress } = follow(stored, both)
    expect(indexes.status()).toMatchObject([{ height: 0, synced: false }, { height: 0 }])
    expect(indexes.freeUpTo()).toBe(0)
    await expect.poll(() => indexes.status(), patience).toEqual(synced)
    expect(indexes.freeUpTo()).toBe(HEIGHT)
    expect(progress()).toBeGreaterThanOrEqual(2)
    await stored.chain.acceptBlock(builder.fork().mine())
    await expect
      .poll(() => indexes.status(), patience)
      .toMatchObject([{ height: HEIGHT + 1, synced: true }, {}])
    expect(lines.map(({ msg }) => msg).sort()).toEqual([
      'The filter index is complete',
      'The transaction index is complete',
    ])
  })

  it('go on where they were when they are switched off and on', async () => {
    const stored = await openStoredChain(blocks.slice(0, 100))
    const first = follow(stored, both)
    await expect
      .poll(() => first.indexes.status(), patience)
      .toMatchObject([{ height: 100 }, { height: 100 }])
    await first.indexes.close()
    for (const block of blocks.slice(100)) await stored.chain.acceptBlock(block)
    const second = follow(stored, { transactions: false, filters: true })
    expect(second.indexes.transactions).toBeUndefined()
    expect(second.indexes.status()).toMatchObject([{ name: 'basic block filter index', height: 100 }])
    await expect.poll(() => second.indexes.status(), patience).toEqual(synced.slice(1))
    expect(stored.store.transactionIndex.readCursor()?.height).toBe(100)
    await second.indexes.close()
    const third = follow(stored, both)
    await expect.poll(() => third.indexes.status(), patience).toEqual(synced)
  })

  it('need no block when none is switched on', async () => {
    const stored = await openStoredChain(blocks)
    const { indexes } = follow(stored, { transactions: false, filters: false })
    expect([indexes.status(), indexes.freeUpTo()]).toEqual([[], Number.POSITIVE_INFINITY])
  })

  it('cannot be switched on when blocks that they need were pruned', async () => {
    const stored = await openStoredChain(blocks)
    const half = follow(stored, { transactions: false, filters: true })
    await expect.poll(() => half.indexes.status(), patience).toEqual(synced.slice(1))
    await half.indexes.close()
    await stored.chain.prune(9)
    expect(() => follow(stored, { transactions: true, filters: false })).toThrow(
      expect.objectContaining({
        code: 'index-needs-pruned-blocks',
        message: expect.stringMatching(
          /^The transaction index needs blocks below height 10, .* leave out --txindex, /,
        ),
      }),
    )
    // The one that has dealt with them needs them no more.
    const { indexes } = follow(stored, { transactions: false, filters: true })
    expect(indexes.status()).toEqual(synced.slice(1))
  })

  it('keep filters where that is possible, and say where it is not', async () => {
    const stored = await openStoredChain(blocks)
    const wish: IndexSelection = { transactions: false, filters: 'if-possible' }
    const possible = follow(stored, wish)
    await expect.poll(() => possible.indexes.status(), patience).toEqual(synced.slice(1))
    await possible.indexes.close()
    await stored.chain.prune(9)
    const again = follow(stored, wish)
    expect(again.indexes.filters).toBeDefined()
    await again.indexes.close()
    const pruned = await openStoredChain(blocks)
    await pruned.chain.prune(9)
    const { indexes, lines, failures } = follow(pruned, wish)
    expect([indexes.filters, indexes.status(), failures]).toEqual([undefined, [], []])
    expect(lines.map(({ msg }) => msg)).toEqual([
      'Block filters are not kept for light clients: blocks that are needed to make them were pruned',
    ])
  })

  it('tell why they cannot go on', async () => {
    const stored = await openStoredChain(blocks.slice(0, 20))
    const { indexes, failures } = follow(stored, { transactions: true, filters: false })
    await expect.poll(() => indexes.status(), patience).toMatchObject([{ height: 20, synced: true }])
    stored.chain.subscribe((event) => {
      // As if it were pruned at once.
      if (event.type === 'block-connected') event.node.hasBody = false
    })
    await stored.chain.acceptBlock(blocks[20] as Block)
    await expect.poll(() => failures.map(({ code }) => code), patience).toEqual(['index-needs-pruned-blocks'])
    expect(indexes.status()).toEqual([{ name: 'txindex', height: 20, synced: false }])
  })
})
