import { MIN_KEPT_BLOCKS } from '@chain/core/chain'
import { describe, expect, it } from 'vitest'
import { findPrunedFork, lowestKept } from '../src/pruned-blocks.ts'
import { openTestChain } from './open-test-chain.ts'

describe('the lowest block that is kept', () => {
  it('is the first when nothing was pruned, also of a chain without blocks', async () => {
    for (const blocks of [0, 1, 2, 7]) expect(lowestKept((await openTestChain(blocks)).chain)).toBe(1)
  })

  it('is the one above those that were pruned', async () => {
    const { chain } = await openTestChain(MIN_KEPT_BLOCKS + 9)
    for (const height of [1, 2, 5, 8, 9]) {
      await chain.prune(height)
      expect(lowestKept(chain)).toBe(height + 1)
    }
  })
})

describe('a fork that cannot be followed', () => {
  it('is one with more work below blocks that are here', async () => {
    const { chain, builder } = await openTestChain(2)
    const [low, high] = [builder.fork(), builder.fork()]
    high.mineEmpty(4)
    const main = high.fork()
    main.mineEmpty(MIN_KEPT_BLOCKS)
    low.mineEmpty(MIN_KEPT_BLOCKS + 4, { extraNonce: 1 })
    high.mineEmpty(MIN_KEPT_BLOCKS + 1, { extraNonce: 2 })
    for (const block of main.blocks) await chain.acceptBlock(block)
    await chain.prune(6)
    const headersOf = (blocks: typeof low.blocks) => blocks.map(({ header }) => header)
    await chain.acceptHeaders(headersOf(high.blocks))
    expect(chain.bestHeader.height).toBe(high.height)
    expect(findPrunedFork(chain)).toBeUndefined()
    await chain.acceptHeaders(headersOf(low.blocks))
    expect(findPrunedFork(chain)).toBeUndefined()
    await chain.acceptHeaders(headersOf(low.mineEmpty(2, { extraNonce: 1 })))
    expect(findPrunedFork(chain)).toBe(chain.at(3))
    await chain.invalidate(chain.bestHeader.ancestor(3))
    expect(findPrunedFork(chain)).toBeUndefined()
  })
})
