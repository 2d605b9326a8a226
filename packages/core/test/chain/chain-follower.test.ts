import { ChainFollower, type ChainManager, type FollowedStep, MemoryChainStore } from '@chain/core/chain'
import type { BlockHash } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()

/*
 *     g - 1 - 2 - 3
 *          \ 2'- 3'- 4'
 */
const main = ChainBuilder.create(spec)
main.mine()
const better = main.fork()
main.mineEmpty(2)
better.mineEmpty(3, { extraNonce: 1 })

/** Takes the steps that are there now. */
async function take(follower: ChainFollower, count: number): Promise<FollowedStep[]> {
  const steps: FollowedStep[] = []
  while (steps.length < count) {
    const { value } = await follower.next()
    if (value !== undefined) steps.push(value)
  }
  return steps
}

function inShort(steps: readonly FollowedStep[]): string[] {
  return steps.map(({ type, node }) => `${type} ${node.height}`)
}

function lastCursor(steps: readonly FollowedStep[]): BlockHash | undefined {
  return steps.at(-1)?.cursor
}

async function open(): Promise<ChainManager> {
  return await openChain(spec, main.blocks)
}

describe('ChainFollower', () => {
  test('gives every block from the beginning, with body and undo data', async () => {
    const steps = await take(new ChainFollower(await open()), 3)
    expect(inShort(steps)).toEqual(['connect 1', 'connect 2', 'connect 3'])
    expect(steps.map(({ block }) => block.header.merkleRoot)).toEqual(
      main.blocks.map(({ header }) => header.merkleRoot),
    )
    expect(steps.map(({ undo }) => undo)).toEqual([[], [], []])
  })

  test('waits at the tip for the next block', async () => {
    const chain = await open()
    const follower = new ChainFollower(chain, chain.tip.hash)
    const next = follower.next()
    const longer = main.fork()
    await chain.acceptBlock(longer.mine())
    expect((await next).value?.node.height).toBe(4)
  })

  test('goes back and forward over a reorganisation', async () => {
    const chain = await open()
    const follower = new ChainFollower(chain)
    await take(follower, 3)
    await acceptAll(chain, better.blocks.slice(1))
    expect(inShort(await take(follower, 5))).toEqual([
      'disconnect 3',
      'disconnect 2',
      'connect 2',
      'connect 3',
      'connect 4',
    ])
  })

  test('continues from its cursor after a restart, though the chain was reorganised meanwhile', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    const before = await take(new ChainFollower(chain), 2)
    await acceptAll(chain, better.blocks.slice(1))
    const again = await openChain(spec, [], { store })
    const after = await take(new ChainFollower(again, lastCursor(before)), 4)
    expect(inShort(after)).toEqual(['disconnect 2', 'connect 2', 'connect 3', 'connect 4'])
    expect(lastCursor(after)).toEqual(better.tip.hash)
  })

  test('gives each step once, wherever it was interrupted', async () => {
    for (let interruptedAfter = 0; interruptedAfter <= 8; interruptedAfter++) {
      const chain = await open()
      const first = new ChainFollower(chain)
      const steps = await take(first, Math.min(interruptedAfter, 3))
      await acceptAll(chain, better.blocks.slice(1))
      if (interruptedAfter > 3) steps.push(...(await take(first, interruptedAfter - 3)))
      await first.return()
      const second = new ChainFollower(chain, lastCursor(steps))
      const heights = new Set<BlockHash>()
      while (lastCursor(steps) !== chain.tip.hash) steps.push(...(await take(second, 1)))
      for (const { type, node } of steps) {
        expect(heights.has(node.hash)).toBe(type === 'disconnect')
        if (type === 'connect') heights.add(node.hash)
        else heights.delete(node.hash)
      }
      expect(heights.size).toBe(4)
    }
  })

  test('ends while it waits', async () => {
    const chain = await open()
    const follower = new ChainFollower(chain, chain.tip.hash)
    const waiting = follower.next()
    await follower.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  test('says that it has to begin anew when its cursor is not known', async () => {
    const chain = await open()
    expect(() => new ChainFollower(chain, new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'cursor-unknown' }),
    )
  })
})
