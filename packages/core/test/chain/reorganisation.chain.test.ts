import { MemoryChainStore } from '@chain/core/chain'
import { loadNetwork } from '@chain/core/consensus'
import {
  decodeBlock,
  encodeBlock,
  formatHash,
  type Transaction,
  type TransactionOutput,
  txid,
} from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { append } from '../block-changes.ts'
import { acceptAll, coinsAfter, listCoins, openChain, recordEvents } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork()
const payee = testKey('payee').script

/*
 *     g - 1 - 2 - 3          first
 *           \ 2'- 3'- 4'     has more work
 */
describe('a better branch of the same length and one more', () => {
  const main = ChainBuilder.create(spec)
  main.mine()
  const better = main.fork()
  main.mineEmpty(2)
  better.mineEmpty(3, { extraNonce: 1 })

  test('becomes the active chain, block by block', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    const events = recordEvents(chain)
    const statuses = await acceptAll(chain, better.blocks.slice(1))
    expect(statuses).toEqual(['side-chain', 'side-chain', 'connected'])
    expect(events).toEqual([
      'disconnected 3',
      'disconnected 2',
      'connected 2',
      'connected 3',
      'connected 4',
      'tip 4',
    ])
    expect(formatHash(chain.tip.hash)).toBe(formatHash(better.tip.hash))
    expect(listCoins(store)).toEqual(await coinsAfter(spec, better.blocks))
  })

  test('leaves the heights of the store pointing at itself', async () => {
    const store = new MemoryChainStore()
    await openChain(spec, [...main.blocks, ...better.blocks.slice(1)], { store })
    for (let height = 0; height <= 4; height++) {
      expect(store.readHashAt(height)).toEqual(better.tip.ancestor(height).hash)
    }
    expect(store.readHashAt(5)).toBeUndefined()
    expect(store.readTip()).toEqual(better.tip.hash)
  })

  test('is left again for a branch that is better still', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, [...main.blocks, ...better.blocks.slice(1)], { store })
    const longer = main.fork()
    longer.mineEmpty(2)
    expect(await acceptAll(chain, longer.blocks.slice(3))).toEqual(['side-chain', 'connected'])
    expect(chain.tip.hash).toEqual(longer.tip.hash)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, longer.blocks))
  })
})

/*
 *     g - 1 - 2       first
 *       \ 1'- 2'      as much work, later
 */
describe('a branch of equal work', () => {
  const first = ChainBuilder.create(spec)
  const second = first.fork()
  first.mineEmpty(2)
  second.mineEmpty(2, { extraNonce: 1 })

  test.each([
    ['the one', first, second],
    ['the other', second, first],
  ])('does not replace %s that was there first', async (_, early, late) => {
    const chain = await openChain(spec, early.blocks)
    expect(await acceptAll(chain, late.blocks)).toEqual(['side-chain', 'side-chain'])
    expect(chain.tip.hash).toEqual(early.tip.hash)
  })

  test('does not replace the first when the node is started again', async () => {
    const store = new MemoryChainStore()
    await openChain(spec, [...first.blocks, ...second.blocks], { store })
    const again = await openChain(spec, [], { store })
    expect(again.tip.hash).toEqual(first.tip.hash)
  })

  test('does not replace it when only its headers came first', async () => {
    const chain = await openChain(spec)
    await chain.acceptHeaders(second.blocks.map(({ header }) => header))
    await acceptAll(chain, first.blocks)
    expect(await acceptAll(chain, second.blocks)).toEqual(['side-chain', 'side-chain'])
    expect(chain.tip.hash).toEqual(first.tip.hash)
  })

  test('leaves the tip the best header, whatever came first, also when the node is started again', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, [], { store })
    await chain.acceptHeaders(second.blocks.map(({ header }) => header))
    expect(chain.bestHeader.hash).toEqual(second.tip.hash)
    await acceptAll(chain, first.blocks)
    expect(chain.bestHeader).toBe(chain.tip)
    expect(chain.missingBodies(10)).toEqual([])
    const again = await openChain(spec, [], { store })
    expect(again.bestHeader).toBe(again.tip)
    expect(again.tip.hash).toEqual(first.tip.hash)
  })
})

/*
 *     g - 1 - 2 - … - 60
 *       \ 1'- 2'- … - 60'- 61'
 */
describe('a reorganisation of sixty blocks', () => {
  const deep = ChainBuilder.create(spec)
  const better = deep.fork()
  for (let height = 1; height <= 60; height++) {
    const [coin] = deep.spendable()
    const outputs = [{ value: 1_000n, scriptPubKey: payee }]
    deep.mine({ transactions: coin === undefined ? [] : [deep.spend([coin], outputs)] })
  }
  better.mineEmpty(61, { extraNonce: 1 })

  test('takes back every payment and every coin', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, deep.blocks, { store })
    await acceptAll(chain, better.blocks)
    expect(chain.tip.height).toBe(61)
    expect(chain.tip.hash).toEqual(better.tip.hash)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, better.blocks))
  })

  test('can be taken back itself', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, [...deep.blocks, ...better.blocks], { store })
    const longer = deep.fork()
    longer.mineEmpty(2)
    await acceptAll(chain, longer.blocks.slice(60))
    expect(chain.tip.hash).toEqual(longer.tip.hash)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, longer.blocks))
  })
})

/*
 *     g - 1 - 2 - 3(spends the coinbase of 1)
 *       \ 1'- 2'- 3'- 4'(spends the coinbase of 1, which is not there)
 *                  \- 4"
 */
describe('a coinbase that a reorganisation takes away', () => {
  const main = ChainBuilder.create(spec)
  const other = main.fork()
  main.mineEmpty(2)
  const [coin] = main.spendable() as [PlacedCoin]
  const spend = main.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])
  main.mine({ transactions: [spend] })
  other.mineEmpty(3, { extraNonce: 1 })

  test('cannot be spent on the other branch', async () => {
    const chain = await openChain(spec, main.blocks)
    const bad = other.fork().mine({ spoil: append(spend) })
    const good = other.fork().mine()
    await acceptAll(chain, other.blocks)
    const outcome = await chain.acceptBlock(bad)
    expect(outcome).toMatchObject({ status: 'invalid', error: { code: 'input-coin-missing' } })
    expect(chain.tip.hash).toEqual(main.tip.hash)
    expect(await acceptAll(chain, [good])).toEqual(['connected'])
    expect(chain.readCoin(coin[0])).toBeUndefined()
  })
})

/*
 *     g - 1 - 2 - 3 - 4 - 5        coinbases mature after three blocks
 *                   \ 4'- 5x      spends the coinbase of 3, one block too young
 *                       \ 5'- 6'  spends it at 6
 */
test('a maturity counts from the coin on the branch that spends it', async () => {
  const strict = testNetwork({ coinbaseMaturity: 3 })
  const main = ChainBuilder.create(strict)
  main.mineEmpty(3)
  const side = main.fork()
  main.mineEmpty(2)
  const coinbase = side.blocks[2]?.transactions[0] as Transaction
  const coin: PlacedCoin = [
    { txid: txid(coinbase), index: 0 },
    { output: coinbase.outputs[0] as TransactionOutput, height: 3, isCoinbase: true },
  ]
  const spend = side.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])
  side.mine({ extraNonce: 1 })
  const early = side.fork().mine({ spoil: append(spend) })
  side.mine({ extraNonce: 1 })
  const chain = await openChain(strict, main.blocks)
  expect(await acceptAll(chain, side.blocks.slice(3))).toEqual(['side-chain', 'side-chain'])
  expect(await acceptAll(chain, [early])).toEqual(['side-chain'])
  const late = side.fork().mine({ transactions: [spend] })
  expect(await acceptAll(chain, [late])).toEqual(['connected'])
  expect(chain.tip.height).toBe(6)
  expect(chain.readCoin(coin[0])).toBeUndefined()
})

/*
 *     g - 1 - 2 - 3 - 4 - 5          coinbases mature after three blocks
 *                   \ 4'- 5x- 6x    the coinbase of 3 is too young at 5
 */
test('an immature spend on a better branch brings the node back', async () => {
  const strict = testNetwork({ coinbaseMaturity: 3 })
  const main = ChainBuilder.create(strict)
  main.mineEmpty(3)
  const side = main.fork()
  main.mine()
  const coinbase = side.blocks[2]?.transactions[0] as Transaction
  const coin: PlacedCoin = [
    { txid: txid(coinbase), index: 0 },
    { output: coinbase.outputs[0] as TransactionOutput, height: 3, isCoinbase: true },
  ]
  const spend = side.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])
  side.mine({ extraNonce: 1 })
  const early = side.fork().mine({ spoil: append(spend) })
  const chain = await openChain(strict, [...main.blocks, ...side.blocks])
  expect(await chain.acceptBlock(early)).toMatchObject({
    status: 'invalid',
    error: { code: 'input-coinbase-immature' },
  })
  expect(chain.tip.hash).toEqual(main.tip.hash)
})

/*
 *     g - 1 - 2 - 3(coin to a)
 *               \ 3'(coin to b) - 4'
 */
describe('a coin that both branches spend', () => {
  const main = ChainBuilder.create(spec)
  main.mineEmpty(2)
  const other = main.fork()
  const [coin] = main.spendable() as [PlacedCoin]
  const toAnna = main.spend([coin], [{ value: 1_000n, scriptPubKey: testKey('anna').script }])
  const toBob = main.spend([coin], [{ value: 1_000n, scriptPubKey: testKey('bob').script }])
  main.mine({ transactions: [toAnna] })
  other.mine({ transactions: [toBob] })
  other.mine()

  test('belongs to whom the better branch pays', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, main.blocks, { store })
    expect(chain.readCoin({ txid: txid(toAnna), index: 0 })).toBeDefined()
    await acceptAll(chain, other.blocks)
    expect(chain.readCoin({ txid: txid(toAnna), index: 0 })).toBeUndefined()
    expect(chain.readCoin({ txid: txid(toBob), index: 0 })?.output.value).toBe(1_000n)
    expect(listCoins(store)).toEqual(await coinsAfter(spec, other.blocks))
  })
})

/*
 *     g - 1 - 2 - 3 - 4 | 5            the subsidy halves at 5
 *                   \ 4'| 5'- 6'- 7'
 */
test('a reorganisation across a halving pays each block its own subsidy', async () => {
  const halving = testNetwork({ halvingInterval: 5 })
  const main = ChainBuilder.create(halving)
  main.mineEmpty(3)
  const other = main.fork()
  main.mineEmpty(2)
  other.mineEmpty(4, { extraNonce: 1 })
  const store = new MemoryChainStore()
  const chain = await openChain(halving, main.blocks, { store })
  await acceptAll(chain, other.blocks)
  expect(chain.tip.height).toBe(7)
  const values = Array.from(store.readCoins(), ([, { output, height }]) => [height, output.value] as const)
  const full = halving.consensus.subsidy
  expect(new Map(values)).toEqual(
    new Map([1, 2, 3, 4, 5, 6, 7].map((height) => [height, height < 5 ? full : full / 2n])),
  )
})

/*
 *     g - 1 - 2 - 3          each coinbase commits to its parent's filter header
 *           \ 2'- 3'- 4'
 */
test('a reorganisation follows the filter headers of a network that commits to them', async () => {
  const committed = testNetwork({ filterCommitment: true })
  const main = ChainBuilder.create(committed)
  main.mineEmpty(3)
  const other = main.fork()
  const [coin] = main.spendable() as [PlacedCoin]
  main.mine({ transactions: [main.spend([coin], [{ value: 1_000n, scriptPubKey: payee }])] })
  main.mine()
  other.mineEmpty(3, { extraNonce: 1 })
  const store = new MemoryChainStore()
  const chain = await openChain(committed, main.blocks, { store })
  expect(chain.tip.filterHeader).toEqual(main.tip.filterHeader)
  await acceptAll(chain, other.blocks)
  expect(chain.tip.hash).toEqual(other.tip.hash)
  expect(chain.tip.filterHeader).toEqual(other.tip.filterHeader)
  const back = main.fork()
  back.mineEmpty(2)
  await acceptAll(chain, back.blocks.slice(5))
  expect(chain.tip.filterHeader).toEqual(back.tip.filterHeader)
  const again = await openChain(committed, [], { store })
  expect(again.tip.filterHeader).toEqual(back.tip.filterHeader)
})

/*
 *     g - 1 - … - 130(slow)           less work
 *       \ 1'- … - 120'(fast)          fewer blocks, harder targets, more work
 */
test('the shorter branch wins when it has more work', async () => {
  const asert = testNetwork({ spacing: 600, difficulty: { algorithm: 'asert', halfLife: 3_600 } })
  const slow = ChainBuilder.create(asert)
  const fast = slow.fork()
  for (let i = 0; i < 30; i++) slow.mine()
  for (let i = 0; i < 25; i++) fast.mine({ time: fast.tip.header.time + 60 })
  expect(fast.tip.chainWork).toBeGreaterThan(slow.tip.chainWork)
  const chain = await openChain(asert, slow.blocks)
  expect(chain.tip.height).toBe(30)
  await acceptAll(chain, fast.blocks)
  expect(chain.tip.height).toBe(25)
  expect(chain.tip.hash).toEqual(fast.tip.hash)
})

/*
 *     g - 1 - 2        twice the same blocks, read from bytes
 */
test('blocks read from their bytes connect like the blocks they were made from', async () => {
  const builder = ChainBuilder.create(loadNetwork('regtest'))
  builder.mineEmpty(2)
  const chain = await openChain(builder.spec)
  const read = builder.blocks.map((block) => decodeBlock(encodeBlock(block)))
  expect(await acceptAll(chain, read)).toEqual(['connected', 'connected'])
  expect(await acceptAll(chain, builder.blocks)).toEqual(['duplicate', 'duplicate'])
})
