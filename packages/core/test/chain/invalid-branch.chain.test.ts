import { MemoryChainStore } from '@chain/core/chain'
import type { Block } from '@chain/core/primitives'
import { blockHash } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, solve, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { append, withCoinbase, withCoinbaseScript } from '../block-changes.ts'
import { acceptAll, coinsAfter, listCoins, openChain, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()
const payee = testKey('payee').script

/** A block whose coinbase pays too much: nothing but its coins tells. */
const greedy = withCoinbase((coinbase) => ({
  ...coinbase,
  outputs: coinbase.outputs.map((output, index) =>
    index === 0 ? { ...output, value: output.value + 1n } : output,
  ),
}))

/** Blocks without transactions on top of one that no builder would build on. */
function continueFrom(parent: Block, height: number, count: number): Block[] {
  const blocks: Block[] = []
  let last = parent
  for (let i = 1; i <= count; i++) {
    const template = ChainBuilder.create(spec)
    template.mineEmpty(height + i - 1)
    const block = template.mine({ spoil: (made) => made })
    last = solve({
      ...block,
      header: { ...block.header, parent: blockHash(last.header), time: last.header.time + 600 },
    })
    blocks.push(last)
  }
  return blocks
}

/*
 *     g - 1 - 2 - 3
 *           \ 2'- x - 4'- 5'       x pays too much
 */
describe('an invalid block in the middle of the better branch', () => {
  const main = ChainBuilder.create(spec)
  main.mine()
  const side = main.fork()
  main.mineEmpty(2)
  side.mine({ extraNonce: 1 })
  const bad = side.fork().mine({ spoil: greedy })
  const [fourth, fifth] = continueFrom(bad, 3, 2) as [Block, Block]

  test('brings the node back to where it was', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    const events = recordEvents(chain)
    const headers = [...side.blocks.slice(1), bad, fourth, fifth].map(({ header }) => header)
    expect(await chain.acceptHeaders(headers)).toMatchObject({ status: 'accepted', added: 4 })
    expect(await acceptAll(chain, [fifth, fourth, ...side.blocks.slice(1)])).toEqual([
      'waiting',
      'waiting',
      'side-chain',
    ])
    const outcome = await chain.acceptBlock(bad)
    expect(outcome).toMatchObject({ status: 'invalid', error: { code: 'block-coinbase-pays-too-much' } })
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(chain.bestHeader.hash).toEqual(main.tip.hash)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, main.blocks))
    expect(events.slice(0, 5)).toEqual([
      'disconnected 3',
      'disconnected 2',
      'connected 2',
      'invalid 3',
      'disconnected 2',
    ])
  })

  test('makes all that builds on it invalid, and stays so when the node is started again', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, [...main.blocks, ...side.blocks], { store })
    await chain.acceptHeaders([bad, fourth].map(({ header }) => header))
    await acceptAll(chain, [fourth, bad])
    for (const node of [chain, await openChain(spec, [], { store })]) {
      const outcome = await node.acceptHeaders([fifth.header])
      expect(outcome).toMatchObject({ status: 'invalid', error: { code: 'header-branch-invalid' } })
      expect(node.tip.hash).toEqual(main.tip.hash)
      expect(node.missingBodies(10)).toEqual([])
    }
  })

  test('lets the valid part of the branch be built on', async () => {
    const chain = await openChain(spec, [...main.blocks, ...side.blocks, bad])
    const longer = side.fork()
    longer.mineEmpty(2, { extraNonce: 2 })
    await acceptAll(chain, longer.blocks)
    expect(chain.tip.hash).toEqual(longer.tip.hash)
  })
})

/*
 *     g - 1 - 2 - 3
 *           \ 2'- 3'- x       x pays too much; without it the branches are equal
 */
test('an invalid block at the end of a better branch does not move the node to an equal one', async () => {
  const main = ChainBuilder.create(spec)
  main.mine()
  const side = main.fork()
  main.mineEmpty(2)
  side.mineEmpty(2, { extraNonce: 1 })
  const bad = side.fork().mine({ spoil: greedy })
  const store = new MemoryChainStore()
  const chain = await openChain(spec, [...main.blocks, ...side.blocks], { store })
  expect((await chain.acceptBlock(bad)).status).toBe('invalid')
  expect(chain.tip.hash).toEqual(main.tip.hash)
  expect(listCoins(store)).toEqual(await coinsAfter(spec, main.blocks))
})

/*
 *     g - 1 - 2
 *           \ x - 3'- 4'- 5'      first
 *           \ 2"- 3"              better than 2, less than 5'
 */
test('when the best branch is invalid the best of the others is taken', async () => {
  const main = ChainBuilder.create(spec)
  main.mine()
  const second = main.fork()
  const bad = main.fork().mine({ spoil: greedy, extraNonce: 1 })
  main.mine()
  second.mineEmpty(2, { extraNonce: 2 })
  const chain = await openChain(spec, main.blocks)
  const branch = continueFrom(bad, 2, 3)
  await chain.acceptHeaders([bad, ...branch].map(({ header }) => header))
  await acceptAll(chain, branch)
  await chain.acceptHeaders(second.blocks.map(({ header }) => header))
  await acceptAll(chain, [second.blocks[2] as Block])
  expect(chain.tip.height).toBe(2)
  await acceptAll(chain, [bad])
  expect(chain.tip.hash).toEqual(main.tip.hash)
  await acceptAll(chain, second.blocks)
  expect(chain.tip.hash).toEqual(second.tip.hash)
})

/*
 *     g - 1 - x      the coinbase of x does not state its height
 */
test('a block whose form is bad is not asked for again', async () => {
  const main = ChainBuilder.create(spec)
  main.mine()
  const bad = main.fork().mine({ spoil: withCoinbaseScript(Uint8Array.of(1, 77)) })
  const chain = await openChain(spec, main.blocks)
  await chain.acceptHeaders([bad.header])
  expect(chain.missingBodies(10)).toHaveLength(1)
  await acceptAll(chain, [bad])
  expect(chain.missingBodies(10)).toEqual([])
  expect(chain.bestHeader.hash).toEqual(main.tip.hash)
})

/*
 *     g - 1 - 2 - 3 - x(spends what 3 has spent)
 */
test('a coin spent on the chain cannot be spent again by the next block', async () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(2)
  const [coin] = main.spendable() as [PlacedCoin]
  main.mine({ transactions: [main.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])] })
  const again = main.spend([coin], [{ value: 2_000n, scriptPubKey: payee }])
  const bad = main.fork().mine({ spoil: append(again) })
  const chain = await openChain(spec, main.blocks)
  expect(await chain.acceptBlock(bad)).toMatchObject({
    status: 'invalid',
    error: { code: 'input-coin-missing' },
  })
  expect(chain.tip.hash).toEqual(main.tip.hash)
})
