import { MemoryChainStore } from '@chain/core/chain'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { coinsAfter, listCoins, openChain, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()

/*
 *     g - 1 - 2 - 3 - 4      active
 *          \ 2'- 3'          less work
 */
const main = ChainBuilder.create(spec)
main.mine()
const other = main.fork()
main.mineEmpty(3)
other.mineEmpty(2, { extraNonce: 1 })
const blocks = [...main.blocks, ...other.blocks.slice(1)]

describe('invalidate', () => {
  test('takes the chain back below the block and forward on the best branch without it', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, blocks, { store })
    const events = recordEvents(chain)
    const node = chain.at(2)
    if (node !== undefined) await chain.invalidate(node)
    expect(chain.tip.hash).toEqual(other.tip.hash)
    expect(chain.bestHeader.hash).toEqual(other.tip.hash)
    expect(events).toEqual([
      'disconnected 4',
      'disconnected 3',
      'disconnected 2',
      'connected 2',
      'connected 3',
      'tip 3',
    ])
    expect(listCoins(store)).toEqual(await coinsAfter(spec, other.blocks))
  })

  test('holds over a restart, and refuses what builds on the block', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, blocks, { store })
    await chain.invalidate(chain.tip)
    expect(chain.tip.height).toBe(3)
    const again = await openChain(spec, [], { store })
    expect(again.tip.height).toBe(3)
    const longer = main.fork()
    const outcome = await again.acceptBlock(longer.mine())
    expect(outcome).toMatchObject({ status: 'invalid', error: { code: 'header-branch-invalid' } })
  })

  test('of a block on a side branch leaves the active chain alone', async () => {
    const chain = await openChain(spec, blocks)
    const events = recordEvents(chain)
    const side = chain.find(other.tip.hash)
    expect(side).toBeDefined()
    if (side !== undefined) await chain.invalidate(side)
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(events.filter((event) => event.startsWith('disconnected'))).toEqual([])
    expect(chain.tips().map(({ status }) => status)).toEqual(['active', 'invalid'])
  })
})

describe('reconsider', () => {
  test('brings an invalidated branch back, coins and all', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, blocks, { store })
    const node = chain.at(2)
    expect(node).toBeDefined()
    if (node === undefined) return
    await chain.invalidate(node)
    await chain.reconsider(node)
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, main.blocks))
  })

  test('of a descendant forgives the invalid block before it too', async () => {
    const chain = await openChain(spec, blocks)
    const [low, high] = [chain.at(2), chain.tip]
    if (low !== undefined) await chain.invalidate(low)
    await chain.reconsider(high)
    expect(chain.tip).toBe(high)
  })

  test('does not make a block valid that is not', async () => {
    const liar = main.fork()
    const bad = liar.mine({
      spoil: (block) => {
        const [coinbase, ...rest] = block.transactions
        const outputs = coinbase?.outputs.map((output) => ({ ...output, value: output.value * 2n })) ?? []
        return { ...block, transactions: coinbase === undefined ? [] : [{ ...coinbase, outputs }, ...rest] }
      },
    })
    const chain = await openChain(spec, main.blocks)
    const outcome = await chain.acceptBlock(bad)
    expect(outcome.status).toBe('invalid')
    const node = outcome.status === 'invalid' ? chain.find(outcome.hash) : undefined
    expect(node?.failed).toBe(true)
    if (node === undefined) return
    await chain.reconsider(node)
    expect(node.failed).toBe(false)
    expect(chain.missingBodies(10)).toEqual([node])
    expect((await chain.acceptBlock(bad)).status).toBe('invalid')
    expect(chain.tip.hash).toEqual(main.tip.hash)
  })
})

describe('prefer', () => {
  /*
   *     g - 1 - 2 - 3       first
   *          \ 2'- 3'       as much work
   */
  const equal = other.blocks
  const first = main.blocks.slice(0, 3)

  test('moves to a branch of equal work', async () => {
    const chain = await openChain(spec, [...first, ...equal.slice(1)])
    const node = chain.find(other.tip.hash)
    expect(chain.tip.hash).not.toEqual(other.tip.hash)
    if (node !== undefined) await chain.prefer(node)
    expect(chain.tip.hash).toEqual(other.tip.hash)
  })

  test('does nothing for a branch with less work', async () => {
    const chain = await openChain(spec, blocks)
    const node = chain.find(other.tip.hash)
    if (node !== undefined) await chain.prefer(node)
    expect(chain.tip.hash).toEqual(main.tip.hash)
  })
})

describe('tips', () => {
  test('names the ends of all branches as getchaintips does', async () => {
    const headersOnly = main.fork()
    headersOnly.mineEmpty(2)
    const chain = await openChain(spec, blocks)
    await chain.acceptHeaders(headersOnly.blocks.slice(4).map(({ header }) => header))
    const found = chain.tips().map(({ node, status }) => [node.height, status])
    expect(found).toEqual([
      [4, 'active'],
      [3, 'valid-headers'],
      [6, 'headers-only'],
    ])
  })
})
