import { type BlockNode, ChainFollower, MemoryChainStore, MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, coinsAfter, listCoins, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

/*
 *     g - 1 - … - 11 - 12 - 13 - … - 300         pruned up to 12: the last 288 stay
 *                   \    \ 13'- … - 301'
 *                    12"- 13"- … - 301"
 */
const spec = testNetwork()
const main = ChainBuilder.create(spec)
const HEIGHT = 300
const LAST_PRUNED = HEIGHT - MIN_KEPT_BLOCKS
const forks = new Map<number, ChainBuilder>()
for (let height = 0; height < HEIGHT; height++) {
  if (height === LAST_PRUNED || height === LAST_PRUNED - 1) forks.set(height, main.fork())
  main.mine()
}

/** A better branch that leaves the main one after a height. */
function branchFrom(height: number): ChainBuilder {
  const branch = (forks.get(height) as ChainBuilder).fork()
  branch.mineEmpty(HEIGHT + 1 - height, { extraNonce: 7 })
  return branch
}

async function openPruned(store = new MemoryChainStore()) {
  const chain = await openChain(spec, main.blocks, { store })
  const pruned = await chain.prune(HEIGHT)
  return { chain, store, pruned }
}

describe('a chain whose old blocks are pruned', () => {
  test('keeps the last 288 and the genesis block, and tells how many went', async () => {
    const { chain, pruned } = await openPruned()
    expect(pruned).toBe(LAST_PRUNED)
    const bodies = Array.from({ length: HEIGHT + 1 }, (_, height) =>
      chain.readBody(chain.at(height) as BlockNode),
    )
    expect(bodies.map((body) => body !== undefined)).toEqual(
      bodies.map((_, height) => height === 0 || height > LAST_PRUNED),
    )
    expect(chain.readUndo(chain.at(LAST_PRUNED) as BlockNode)).toBeUndefined()
    expect(await chain.prune(HEIGHT)).toBe(0)
  })

  test('prunes up to a height if asked so, and in steps', async () => {
    const chain = await openChain(spec, main.blocks)
    expect(await chain.prune(5)).toBe(5)
    expect(await chain.prune(7)).toBe(2)
    expect(chain.readBody(chain.at(8) as BlockNode)).toBeDefined()
  })

  test('is the same chain after a restart, asks for nothing, and goes on', async () => {
    const { store } = await openPruned()
    const again = await openChain(spec, [], { store })
    expect(again.tip.hash).toEqual(main.tip.hash)
    expect(again.missingBodies(1_000)).toEqual([])
    expect(listCoins(store)).toEqual(await coinsAfter(spec, main.blocks))
    const longer = main.fork()
    expect(await acceptAll(again, [longer.mine()])).toEqual(['connected'])
    expect((await again.acceptBlock(main.blocks[0] as never)).status).toBe('duplicate')
  })

  test('is reorganised as far as its blocks reach', async () => {
    const { chain, store } = await openPruned()
    const better = branchFrom(LAST_PRUNED)
    await acceptAll(chain, better.blocks.slice(LAST_PRUNED))
    expect(chain.tip.hash).toEqual(better.tip.hash)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, better.blocks))
  })

  test('stays where it is when a better branch leaves it further down, and says so', async () => {
    const { chain, store } = await openPruned()
    const better = branchFrom(LAST_PRUNED - 1)
    const blocks = better.blocks.slice(LAST_PRUNED - 1)
    await acceptAll(chain, blocks.slice(0, -1))
    const error = { code: 'blocks-pruned', data: { height: LAST_PRUNED } }
    await expect(chain.acceptBlock(blocks.at(-1) as never)).rejects.toMatchObject(error)
    await expect(chain.invalidate(chain.at(LAST_PRUNED) as BlockNode)).rejects.toMatchObject(error)
    expect(chain.tip.hash).toEqual(main.tip.hash)
    // So it does after a restart, where it can be told to do without that branch.
    const again = await openChain(spec, [], { store })
    expect([again.tip.hash, again.bestHeader.hash]).toEqual([main.tip.hash, better.tip.hash])
    await again.invalidate(again.bestHeader.ancestor(LAST_PRUNED))
    expect(again.bestHeader.hash).toEqual(main.tip.hash)
    expect(await acceptAll(again, [main.fork().mine()])).toEqual(['connected'])
  })

  test('asks for the blocks of a better branch that it can follow, and for none of one that it cannot', async () => {
    for (const [height, missing] of [
      [LAST_PRUNED, HEIGHT + 1 - LAST_PRUNED],
      [LAST_PRUNED - 1, 0],
    ] as const) {
      const { chain } = await openPruned()
      const better = branchFrom(height)
      await chain.acceptHeaders(better.blocks.slice(height).map(({ header }) => header))
      expect(chain.bestHeader.hash).toEqual(better.tip.hash)
      expect(chain.missingBodies(1_000)).toHaveLength(missing)
    }
  })

  test('is verified as far as its blocks reach', async () => {
    const { chain } = await openPruned()
    const report = await chain.verify({ depth: 0, level: 4 })
    expect(report).toMatchObject({ blocks: MIN_KEPT_BLOCKS, from: LAST_PRUNED + 1, fault: undefined })
  })

  test('cannot be followed from below', async () => {
    const { chain } = await openPruned()
    await expect(new ChainFollower(chain).next()).rejects.toMatchObject({ code: 'block-missing' })
  })
})
