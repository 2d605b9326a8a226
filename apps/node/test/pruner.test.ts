import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import type { ChainError } from '@chain/core/errors'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { lowestKept } from '../src/pruned-blocks.ts'
import { HEADROOM, LEAST_BLOCKS, type PruneMode, Pruner } from '../src/pruner.ts'
import { openStoredChain, type StoredChain } from './directory-with.ts'
import { type LogLine, recordLog } from './log-lines.ts'
import { patience } from './patience.ts'

const PRUNABLE = 200
let blocks: readonly Block[]
let next: ChainBuilder

beforeAll(() => {
  next = ChainBuilder.create()
  next.mineEmpty(MIN_KEPT_BLOCKS + PRUNABLE)
  blocks = next.blocks.slice()
})

interface TestPruner extends StoredChain {
  readonly pruner: Pruner
  readonly lines: LogLine[]
  readonly failures: ChainError[]
  /** Bytes that all blocks take. */
  readonly all: number
  /** How often it has looked at what they take. */
  readonly looks: () => number
}

/** @param mode - the target as a part of what all blocks take */
async function startPruner(mode: PruneMode, freeUpTo = () => Number.POSITIVE_INFINITY): Promise<TestPruner> {
  const { store, chain } = await openStoredChain(blocks)
  const { log, lines } = recordLog()
  const failures: ChainError[] = []
  const all = store.chainStore.blockBytes
  let looks = 0
  const pruner = new Pruner(mode.target === undefined ? {} : { target: mode.target * all }, {
    chain,
    usedBytes: () => {
      looks += 1
      return store.chainStore.blockBytes
    },
    freeUpTo,
    log,
    onFailed: (reason) => failures.push(reason),
  })
  onTestFinished(() => pruner.close())
  return { store, chain, pruner, lines, failures, all, looks: () => looks }
}

describe('a pruner', () => {
  it('takes the oldest blocks away, so many that it has nothing to do for a while', async () => {
    const { store, chain, lines, all } = await startPruner({ target: 0.9 })
    await expect.poll(() => lines, patience).toHaveLength(1)
    expect(store.chainStore.blockBytes).toBeLessThanOrEqual((1 - HEADROOM) * 0.9 * all)
    const lowest = lowestKept(chain)
    expect(lines[0]).toMatchObject({ blocks: lowest - 1, lowest, msg: 'Pruned old blocks' })
    expect(lowest).toBeGreaterThan(0.15 * blocks.length)
    expect(lowest).toBeLessThan(0.3 * blocks.length)
    expect(chain.at(lowest - 1)?.hasBody).toBe(false)
    expect(chain.genesis.hasBody).toBe(true)
  })

  it('prunes as the chain grows', async () => {
    const { store, chain, all } = await startPruner({ target: 1.02 })
    const grown = next.fork()
    await Promise.all(grown.mineEmpty(30).map((block) => chain.acceptBlock(block)))
    await expect.poll(() => lowestKept(chain), patience).toBeGreaterThan(LEAST_BLOCKS / 2)
    expect(store.chainStore.blockBytes).toBeLessThanOrEqual(1.02 * all)
  })

  it('leaves everything alone within its target', async () => {
    const { chain, pruner, lines } = await startPruner({ target: 1.02 })
    pruner.look()
    await pruner.close()
    expect([lowestKept(chain), lines]).toEqual([1, []])
  })

  it('keeps the last 288 blocks however small its target is, and says so once', async () => {
    const { chain, lines } = await startPruner({ target: 0.01 })
    await expect.poll(() => lines, patience).toHaveLength(2)
    expect(lowestKept(chain)).toBe(PRUNABLE + 1)
    const grown = next.fork()
    await Promise.all(grown.mineEmpty(LEAST_BLOCKS).map((block) => chain.acceptBlock(block)))
    await expect.poll(() => lowestKept(chain), patience).toBe(PRUNABLE + LEAST_BLOCKS + 1)
    expect(lines.map(({ msg }) => msg)).toEqual([
      'Pruned old blocks',
      'The blocks that always stay take more than --prune allows',
      'Pruned old blocks',
    ])
  })

  it('waits until there are many blocks to prune when few do not suffice', async () => {
    const { chain, lines, looks } = await startPruner({ target: 0.01 })
    await expect.poll(() => lines, patience).toHaveLength(2)
    const before = looks()
    const grown = next.fork()
    await Promise.all(grown.mineEmpty(LEAST_BLOCKS - 1).map((block) => chain.acceptBlock(block)))
    await expect.poll(looks, patience).toBeGreaterThan(before)
    await chain.settled()
    expect(lowestKept(chain)).toBe(PRUNABLE + 1)
  })

  it('does not take what an index still needs', async () => {
    let free = 70
    const { chain, pruner, lines } = await startPruner({ target: 0.5 }, () => free)
    await expect.poll(() => lowestKept(chain), patience).toBe(71)
    free = 150
    pruner.look()
    await expect.poll(() => lowestKept(chain), patience).toBe(151)
    expect(new Set(lines.map(({ msg }) => msg))).toEqual(new Set(['Pruned old blocks']))
    expect(await pruner.pruneUpTo(PRUNABLE)).toBe(150)
  })

  it('by hand prunes when it is told to, as far as it may, and tells how far that is', async () => {
    const { chain, pruner, lines } = await startPruner({})
    pruner.look()
    expect(await pruner.pruneUpTo(20)).toBe(20)
    expect(await pruner.pruneUpTo(10)).toBe(20)
    expect(await pruner.pruneUpTo(1_000_000)).toBe(PRUNABLE)
    expect([lowestKept(chain), lines]).toEqual([PRUNABLE + 1, []])
  })

  it('tells why it cannot go on', async () => {
    const { store, pruner, failures } = await startPruner({ target: 1.02 })
    await store.close()
    pruner.look()
    await expect.poll(() => failures.map(({ code }) => code), patience).toEqual(['store-closed'])
    pruner.look()
    await pruner.close()
    expect(failures).toHaveLength(1)
  })
})
