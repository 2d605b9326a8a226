import {
  type BlockNode,
  ChainFollower,
  type ChainManager,
  type FollowedStep,
  MemoryChainStore,
} from '@chain/core/chain'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

const spec = testNetwork()

/*
 *     g - 1 - 2 - 3
 *           \ 2'- 3'- 4'
 */
const main = ChainBuilder.create(spec)
main.mine()
const better = main.fork()
main.mineEmpty(2)
better.mineEmpty(3, { extraNonce: 1 })

/** The next steps of a follower, in short. */
async function take(follower: ChainFollower, count: number): Promise<string[]> {
  const steps: string[] = []
  for (let i = 0; i < count; i++) {
    const { value } = await follower.next()
    steps.push(value === undefined ? 'end' : `${value.type} ${value.node.height}`)
  }
  return steps
}

describe('a follower', () => {
  test('is led from the genesis block to the tip, and onwards', async () => {
    const chain = await openChain(spec, main.blocks.slice(0, 2))
    const follower = new ChainFollower(chain)
    expect(await take(follower, 2)).toEqual(['connect 1', 'connect 2'])
    const next = take(follower, 1)
    await acceptAll(chain, main.blocks.slice(2))
    expect(await next).toEqual(['connect 3'])
  })

  test('goes back where the chain went back, however late it comes', async () => {
    const chain = await openChain(spec, main.blocks)
    const follower = new ChainFollower(chain)
    await take(follower, 3)
    await acceptAll(chain, better.blocks)
    expect(await take(follower, 5)).toEqual([
      'disconnect 3',
      'disconnect 2',
      'connect 2',
      'connect 3',
      'connect 4',
    ])
  })

  test.each([0, 1, 2, 3])('goes on from the cursor of step %i after a restart', async (done) => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    const before = new ChainFollower(chain)
    let cursor = chain.genesis.hash
    for (let i = 0; i < done; i++) cursor = ((await before.next()).value as FollowedStep).cursor
    await acceptAll(chain, better.blocks)
    const again = await openChain(spec, [], { store })
    const after = new ChainFollower(again, cursor)
    const back = done > 1 ? Array.from({ length: done - 1 }, (_, i) => `disconnect ${done - i}`) : []
    const forth = (done === 0 ? [1, 2, 3, 4] : [2, 3, 4]).map((height) => `connect ${height}`)
    expect(await take(after, back.length + forth.length)).toEqual([...back, ...forth])
  })

  test('gets block and undo data with each step', async () => {
    const chain = await openChain(spec, main.blocks)
    const { value } = await new ChainFollower(chain).next()
    expect(value?.block.header).toEqual(main.blocks[0]?.header)
    expect(value?.undo).toEqual([])
    expect(value?.cursor).toEqual(main.tip.ancestor(1).hash)
  })

  test('ends when it is told to, also while it waits', async () => {
    const chain = await openChain(spec)
    const follower = new ChainFollower(chain)
    const waiting = follower.next()
    await follower.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await acceptAll(chain, main.blocks)
    expect(await take(follower, 1)).toEqual(['end'])
  })

  test('is walked by a loop', async () => {
    const chain = await openChain(spec, main.blocks)
    const heights: number[] = []
    for await (const { node } of new ChainFollower(chain)) {
      heights.push(node.height)
      if (node.height === 3) break
    }
    expect(heights).toEqual([1, 2, 3])
  })

  test('cannot begin at a block that was never connected', async () => {
    const chain = await openChain(spec)
    await chain.acceptHeaders(main.blocks.map(({ header }) => header))
    expect(refusal(() => new ChainFollower(chain, new Uint8Array(32))).code).toBe('cursor-unknown')
    expect(refusal(() => new ChainFollower(chain, main.tip.hash)).code).toBe('cursor-unknown')
  })

  test('comes back to the active chain after a block was called invalid', async () => {
    const chain: ChainManager = await openChain(spec, main.blocks)
    const follower = new ChainFollower(chain)
    await take(follower, 3)
    await chain.invalidate(chain.at(3) as BlockNode)
    expect(await take(follower, 1)).toEqual(['disconnect 3'])
    await chain.reconsider(chain.find(main.tip.hash) as BlockNode)
    expect(await take(follower, 1)).toEqual(['connect 3'])
  })
})
