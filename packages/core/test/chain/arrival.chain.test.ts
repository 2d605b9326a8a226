import { MemoryChainStore } from '@chain/core/chain'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder, ManualClock } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { withHeader } from '../block-changes.ts'
import { acceptAll, coinsAfter, listCoins, openChain, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()

/*
 *     g - 1 - 2 - 3
 *           \ 2'- 3'- 4'- 5'      only headers
 */
describe('a branch of which only headers are known', () => {
  const main = ChainBuilder.create(spec)
  main.mine()
  const side = main.fork()
  main.mineEmpty(2)
  side.mineEmpty(4, { extraNonce: 1 })
  const headers = side.blocks.map(({ header }) => header)

  test('is the best header chain, but not active', async () => {
    const chain = await openChain(spec, main.blocks)
    expect(await chain.acceptHeaders(headers)).toMatchObject({ status: 'accepted', added: 4 })
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(chain.bestHeader.hash).toEqual(side.tip.hash)
    expect(chain.missingBodies(3).map(({ height }) => height)).toEqual([2, 3, 4])
  })

  test('is still known when the node is started again', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    await chain.acceptHeaders(headers)
    const again = await openChain(spec, [], { store })
    expect(again.bestHeader.hash).toEqual(side.tip.hash)
    expect(again.tip.hash).toEqual(main.tip.hash)
    expect(await acceptAll(again, side.blocks.slice(1))).toEqual([
      'side-chain',
      'side-chain',
      'connected',
      'connected',
    ])
  })

  test('adds nothing the second time', async () => {
    const chain = await openChain(spec, main.blocks)
    await chain.acceptHeaders(headers)
    expect(await chain.acceptHeaders(headers)).toMatchObject({ status: 'accepted', added: 0 })
  })

  test('cannot be joined to what is not known', async () => {
    const chain = await openChain(spec)
    const [, , third] = headers
    if (third === undefined) throw new Error('There are five headers.')
    expect(await chain.acceptHeaders([third])).toEqual({ status: 'missing-parent', parent: third.parent })
    const block = side.blocks[2] as Block
    expect(await chain.acceptBlock(block)).toEqual({ status: 'missing-parent', parent: third.parent })
  })
})

/*
 *     g - 1 - 2 - 3 - 4       bodies come as 4, 2, 3, 1
 */
test('bodies that arrive out of order connect when the gap closes', async () => {
  const builder = ChainBuilder.create(spec)
  const [one, two, three, four] = builder.mineEmpty(4) as [Block, Block, Block, Block]
  const store = new MemoryChainStore()
  const chain = await openChain(spec, [], { store })
  const events = recordEvents(chain)
  await chain.acceptHeaders(builder.blocks.map(({ header }) => header))
  expect(await acceptAll(chain, [four, two, three])).toEqual(['waiting', 'waiting', 'waiting'])
  expect(events).toEqual([])
  expect(await acceptAll(chain, [one])).toEqual(['connected'])
  expect(events.filter((event) => event.startsWith('connected'))).toEqual([
    'connected 1',
    'connected 2',
    'connected 3',
    'connected 4',
  ])
  expect(chain.tip.hash).toEqual(builder.tip.hash)
  expect(chain.missingBodies(10)).toEqual([])
  expect(listCoins(store)).toEqual(await coinsAfter(spec, builder.blocks))
})

/*
 *     g - 1 - 2(two hours and a minute ahead of the clock)
 */
test('a block from the future is refused now and taken later', async () => {
  const builder = ChainBuilder.create(spec)
  builder.mine()
  const clock = new ManualClock(builder.tip.header.time)
  const early = builder.fork().mine({ spoil: withHeader({ time: clock.now() + 7_260 }) })
  const chain = await openChain(spec, builder.blocks, { clock: clock.now })
  const outcome = await chain.acceptBlock(early)
  expect(outcome).toMatchObject({
    status: 'invalid',
    error: { code: 'header-time-too-new', rule: { blame: 'transient' } },
  })
  clock.advance(60)
  expect(await acceptAll(chain, [early])).toEqual(['connected'])
})

/*
 *     g - 1 - 2 - 3      handed in all at once, without waiting for one another
 */
test('blocks that are handed in at once are taken one after the other', async () => {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(3)
  const chain = await openChain(spec)
  const outcomes = await Promise.all(builder.blocks.map((block) => chain.acceptBlock(block)))
  expect(outcomes.map(({ status }) => status)).toEqual(['connected', 'connected', 'connected'])
  await chain.settled()
  expect(chain.tip.height).toBe(3)
})
