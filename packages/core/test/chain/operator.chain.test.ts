import { type BlockNode, type ChainManager, MemoryChainStore } from '@chain/core/chain'
import { InvariantError } from '@chain/core/errors'
import { blockHash } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { withCoinbase } from '../block-changes.ts'
import { acceptAll, coinsAfter, listCoins, openChain, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()

/*
 *     g - 1 - 2 - 3 - 4 - 5
 *           \ 2'- 3'
 */
const main = ChainBuilder.create(spec)
main.mineEmpty(1)
const side = main.fork()
main.mineEmpty(1)
const [coin] = main.spendable() as [PlacedCoin]
main.mine({ transactions: [main.spend([coin], [{ value: 1_000n, scriptPubKey: testKey('payee').script }])] })
main.mineEmpty(2)
side.mineEmpty(2, { extraNonce: 1 })

function node(chain: ChainManager, builder: ChainBuilder, height: number): BlockNode {
  return chain.find(builder.tip.ancestor(height).hash) as BlockNode
}

async function open(): Promise<{ chain: ChainManager; store: MemoryChainStore }> {
  const store = new MemoryChainStore()
  return { chain: await openChain(spec, [...main.blocks, ...side.blocks], { store }), store }
}

describe('a block that the operator calls invalid', () => {
  test('leaves the active chain, and the best of the other branches is taken', async () => {
    const { chain, store } = await open()
    const events = recordEvents(chain)
    await chain.invalidate(node(chain, main, 2))
    expect(chain.tip.hash).toEqual(side.tip.hash)
    expect(chain.bestHeader).toBe(chain.tip)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, side.blocks))
    expect(events).toEqual([
      ...[5, 4, 3, 2].map((height) => `disconnected ${height}`),
      'connected 2',
      'connected 3',
      'tip 3',
    ])
  })

  test('leaves the chain as long as it can be, when no branch is better', async () => {
    const { chain } = await open()
    await chain.invalidate(node(chain, main, 4))
    expect(chain.tip.hash).toEqual(main.tip.ancestor(3).hash)
    await chain.invalidate(node(chain, main, 1))
    expect(chain.tip).toBe(chain.genesis)
  })

  test('is no part of the chain after a restart, and nothing can build on it', async () => {
    const { chain, store } = await open()
    await chain.invalidate(node(chain, main, 2))
    const again = await openChain(spec, [], { store })
    expect(again.tip.hash).toEqual(side.tip.hash)
    const more = main.fork().mine()
    expect(await again.acceptBlock(more)).toMatchObject({
      status: 'invalid',
      error: { code: 'header-branch-invalid' },
    })
    expect(again.missingBodies(10)).toEqual([])
  })

  test('of another branch changes nothing of the active one', async () => {
    const { chain } = await open()
    await chain.invalidate(node(chain, side, 2))
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(chain.tips().map(({ node: { height }, status }) => [height, status])).toEqual([
      [5, 'active'],
      [3, 'invalid'],
    ])
  })

  test('is never the genesis block', async () => {
    const { chain } = await open()
    expect(() => chain.invalidate(chain.genesis)).toThrow(InvariantError)
  })
})

describe('a block that the operator wants judged anew', () => {
  test.each([2, 3, 5])('becomes active again with its whole branch, named by block %i', async (height) => {
    const { chain, store } = await open()
    await chain.invalidate(node(chain, main, 3))
    await chain.invalidate(node(chain, main, 2))
    await chain.reconsider(node(chain, main, height))
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(chain.bestHeader).toBe(chain.tip)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, main.blocks))
    const again = await openChain(spec, [], { store })
    expect(again.tip.hash).toEqual(main.tip.hash)
  })

  test('forgives no other branch', async () => {
    const { chain } = await open()
    await chain.invalidate(node(chain, main, 2))
    await chain.invalidate(node(chain, side, 3))
    await chain.reconsider(node(chain, main, 5))
    expect(node(chain, side, 3).failed).toBe(true)
    expect(node(chain, side, 2).failed).toBe(false)
  })

  test('is found invalid again when it breaks a rule', async () => {
    const { chain } = await open()
    const greedy = withCoinbase((coinbase) => ({
      ...coinbase,
      outputs: coinbase.outputs.map((output) => ({ ...output, value: output.value + 1n })),
    }))
    const bad = main.fork().mine({ spoil: greedy })
    expect(await acceptAll(chain, [bad])).toEqual(['invalid'])
    await chain.reconsider(chain.find(blockHash(bad.header)) as BlockNode)
    expect(chain.missingBodies(10)).toHaveLength(1)
    expect(await acceptAll(chain, [bad])).toEqual(['invalid'])
    expect(chain.tip.hash).toEqual(main.tip.hash)
  })

  test('may stand near the end of a long chain', async () => {
    const long = ChainBuilder.create(spec)
    long.mineEmpty(400)
    const chain = await openChain(spec, long.blocks)
    await chain.invalidate(node(chain, long, 399))
    await chain.reconsider(node(chain, long, 399))
    expect(chain.tip.hash).toEqual(long.tip.hash)
  })
})

/*
 *     g - 1 - 2 - 3       first
 *           \ 2'- 3'      as much work
 */
describe('a branch that the operator prefers', () => {
  const first = ChainBuilder.create(spec)
  first.mine()
  const second = first.fork()
  first.mineEmpty(2)
  second.mineEmpty(2, { extraNonce: 1 })

  test('becomes active among equals, until the next block decides', async () => {
    const chain = await openChain(spec, [...first.blocks, ...second.blocks])
    await chain.prefer(node(chain, second, 3))
    expect(chain.tip.hash).toEqual(second.tip.hash)
    expect(chain.bestHeader).toBe(chain.tip)
    await chain.prefer(node(chain, first, 2))
    expect(chain.tip.hash).toEqual(second.tip.hash)
    const next = first.fork().mine()
    expect(await acceptAll(chain, [next])).toEqual(['connected'])
  })

  test('does not become active when it has less work or is invalid', async () => {
    const chain = await openChain(spec, [...first.blocks, ...second.blocks])
    await chain.prefer(node(chain, second, 2))
    expect(chain.tip.hash).toEqual(first.tip.hash)
    await chain.invalidate(node(chain, second, 3))
    await chain.prefer(node(chain, second, 3))
    expect(chain.tip.hash).toEqual(first.tip.hash)
  })
})

describe('the ends of all branches', () => {
  test('are told with what is known of them, the active one first', async () => {
    const chain = await openChain(spec, [...side.blocks, ...main.blocks])
    const headersOnly = main.fork().mine()
    await chain.acceptHeaders([headersOnly.header])
    const stored = side.fork().mine()
    await chain.acceptBlock(stored)
    expect(new Map(chain.tips().map(({ node: { height }, status }) => [height, status]))).toEqual(
      new Map([
        [5, 'active'],
        [6, 'headers-only'],
        [4, 'valid-headers'],
      ]),
    )
    expect(chain.tips()[0]?.node).toBe(chain.tip)
  })
})
