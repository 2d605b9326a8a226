import { MemoryChainStore } from '@chain/core/chain'
import type { Block } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { coinsAfter, listCoins, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()

/*
 *     g - 1 - 2            two blocks
 *     |\ 1'- 2'- 3'        the most work
 *      \ 1"                one block
 */
const short = ChainBuilder.create(spec)
const best = short.fork()
const stub = short.fork()
short.mineEmpty(2)
best.mineEmpty(3, { extraNonce: 1 })
stub.mineEmpty(1, { extraNonce: 2 })
const blocks = [...short.blocks, ...best.blocks, ...stub.blocks]

function* permutations<Item>(items: readonly Item[]): Generator<Item[]> {
  if (items.length === 0) yield []
  for (const [index, item] of items.entries()) {
    const others = [...items.slice(0, index), ...items.slice(index + 1)]
    for (const rest of permutations(others)) yield [item, ...rest]
  }
}

describe('three competing branches', () => {
  const orders = [...permutations(blocks)]

  test('lead to the same tip and the same coins in every one of 720 orders of arrival', async () => {
    expect(orders).toHaveLength(720)
    const coins = await coinsAfter(spec, best.blocks)
    for (const order of orders) {
      const store = new MemoryChainStore()
      const chain = await openChain(spec, [], { store })
      for (const branch of [short, best, stub])
        await chain.acceptHeaders(branch.blocks.map(({ header }) => header))
      for (const block of order)
        expect(['invalid', 'missing-parent']).not.toContain(await statusOf(chain, block))
      expect(chain.tip.hash).toEqual(best.tip.hash)
      expect(listCoins(store)).toEqual(coins)
    }
  })
})

async function statusOf(chain: Awaited<ReturnType<typeof openChain>>, block: Block): Promise<string> {
  return (await chain.acceptBlock(block)).status
}
