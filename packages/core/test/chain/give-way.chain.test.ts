import { type BlockNode, ChainManager, type GiveWay, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { type Block, txid } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, FAR_FUTURE, listCoins, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

/*
 *     g - 1 - 2 - 3 - 4 - 5 - 6          each from 3 on with two payments
 *              \ 3'- 4'- 5'- 6'- 7'     the same
 */
const spec = testNetwork({ filterCommitment: true })
const builder = ChainBuilder.create(spec)
builder.mineEmpty(2)
const branch = builder.fork()
payUpTo(builder, 6)
payUpTo(branch, 7)

function payUpTo(to: ChainBuilder, height: number): void {
  while (to.height < height) {
    const outputs = [{ value: 1_000n, scriptPubKey: testKey(`payee ${height}`).script }]
    const [coin] = to.spendable()
    if (coin === undefined) throw new Error('A coinbase matures soon.')
    const payment = to.spend([coin], [...outputs, { ...coin[1].output, value: 1_000_000n }])
    const change: typeof coin = [
      { txid: txid(payment), index: 1 },
      { ...coin[1], output: { ...coin[1].output, value: 1_000_000n } },
    ]
    to.mine({ transactions: [payment, to.spend([change], outputs)] })
  }
}

/** Takes a turn of the event loop at every step, and looks around before. */
class Watch {
  pauses = 0
  look: () => void = () => undefined

  readonly giveWay: GiveWay = () => {
    this.pauses += 1
    this.look()
    return new Promise((resolve) => setImmediate(resolve))
  }
}

async function openWatched(): Promise<{
  readonly chain: ChainManager
  readonly store: MemoryChainStore
  readonly watch: Watch
}> {
  const store = new MemoryChainStore()
  const watch = new Watch()
  const modules = { store, verifier: inlineVerifier, clock: () => FAR_FUTURE, giveWay: watch.giveWay }
  return { chain: await ChainManager.open(spec, modules), store, watch }
}

/** The coins after each block, by height; the genesis block first. */
async function coinsByHeight(blocks: readonly Block[]): Promise<unknown[]> {
  const store = new MemoryChainStore()
  const chain = await openChain(spec, [], { store })
  const coins = [listCoins(store)]
  for (const block of blocks) {
    await chain.acceptBlock(block)
    coins.push(listCoins(store))
  }
  return coins
}

describe('while a block is connected with pauses', () => {
  test('others see the coins of the tip, and no part of a block', async () => {
    const coins = await coinsByHeight(builder.blocks)
    const { chain, store, watch } = await openWatched()
    watch.look = () => expect(listCoins(store)).toEqual(coins[chain.tip.height])
    for (const block of builder.blocks) await chain.acceptBlock(block)
    expect(chain.tip.height).toBe(6)
    expect(watch.pauses).toBeGreaterThan(12)
  })

  test('others see one of the two branches, block by block, when the chain moves from one to the other', async () => {
    const [there, here] = [await coinsByHeight(builder.blocks), await coinsByHeight(branch.blocks)]
    const { chain, store, watch } = await openWatched()
    await acceptAll(chain, builder.blocks)
    const seen = new Set<BlockNode>()
    watch.look = () => {
      seen.add(chain.tip)
      const isThere =
        chain.tip.height <= 2 || chain.find(builder.tip.hash)?.ancestor(chain.tip.height) === chain.tip
      expect(listCoins(store)).toEqual((isThere ? there : here)[chain.tip.height])
    }
    for (const block of branch.blocks) await chain.acceptBlock(block)
    expect(chain.tip.hash).toEqual(branch.tip.hash)
    expect(seen.size).toBeGreaterThan(4)
  })

  test('its body is not missed any more, nor before it turns out invalid', async () => {
    const [first] = builder.blocks as [Block]
    const { chain, watch } = await openWatched()
    await chain.acceptHeaders([first.header])
    const missing: number[] = []
    watch.look = () => missing.push(chain.missingBodies(10).length)
    await chain.acceptBlock(first)
    // Before it is taken in, between its checks, and then not any more.
    expect(missing.slice(0, 3)).toEqual([1, 1, 1])
    expect(new Set(missing.slice(3))).toEqual(new Set([0]))
  })
})
