import {
  CoinView,
  connectBlock,
  decodeUndo,
  disconnectBlock,
  encodeUndo,
  MemoryChainStore,
} from '@chain/core/chain'
import { checkInputs, computeSubsidy } from '@chain/core/consensus'
import {
  type Block,
  type Coin,
  decodeBlock,
  encodeBlock,
  formatOutPoint,
  type OutPoint,
  outpointKey,
  type TransactionOutput,
} from '@chain/core/primitives'
import { isUnspendable } from '@chain/core/script'
import { ChainBuilder } from '@chain/core/testing'
import { assert, asyncProperty, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  blockPlans,
  mineBlock,
  randomChains,
  randomChainsTimeout,
  type TransactionPlan,
} from '../arbitraries/plans.ts'
import { acceptAll, listCoins, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork({ filterCommitment: true })

/** Coins by outpoint, as a store holds them. */
class CoinTable {
  readonly #coins = new Map<string, readonly [OutPoint, Coin]>()

  readonly read = (outpoint: OutPoint): Coin | undefined => this.#coins.get(outpointKey(outpoint))?.[1]

  apply(view: CoinView): void {
    for (const [outpoint, coin] of view.changes()) {
      if (coin === undefined) this.#coins.delete(outpointKey(outpoint))
      else this.#coins.set(outpointKey(outpoint), [outpoint, coin])
    }
  }

  /** Everything in it, in an order of its own. */
  list(): string[] {
    return Array.from(this.#coins.values(), ([outpoint, { output, height, isCoinbase }]) => {
      return [formatOutPoint(outpoint), output.value, output.scriptPubKey.join(), height, isCoinbase].join(
        ' ',
      )
    }).sort((a, b) => (a < b ? -1 : 1))
  }

  total(): bigint {
    return [...this.#coins.values()].reduce((sum, [, { output }]) => sum + output.value, 0n)
  }
}

/** A chain with mature coins, and the planned blocks on top of it. */
function build(plans: readonly (readonly TransactionPlan[])[]): ChainBuilder {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(4)
  for (const plan of plans) mineBlock(builder, plan)
  return builder
}

/** Walks up a chain; `visit` gets the coins before each block. */
function walk(
  builder: ChainBuilder,
  visit: (block: Block, height: number, table: CoinTable) => void,
): CoinTable {
  const table = new CoinTable()
  builder.blocks.forEach((block, index) => {
    visit(block, index + 1, table)
    const view = new CoinView(table.read)
    connectBlock(spec.consensus, block, builder.tip.ancestor(index), view)
    table.apply(view)
  })
  return table
}

describe('connecting and disconnecting a block', () => {
  test(
    'restores the coins exactly, in one view and through the store',
    () => {
      const law = property(blockPlans, (plans) => {
        const builder = build(plans)
        walk(builder, (block, height, table) => {
          const before = table.list()
          const parent = builder.tip.ancestor(height - 1)
          const view = new CoinView(table.read)
          const { undo } = connectBlock(spec.consensus, block, parent, view)
          table.apply(view)
          const stored = decodeUndo(encodeUndo(undo))
          const back = new CoinView(table.read)
          disconnectBlock(decodeBlock(encodeBlock(block)), parent.height + 1, stored, back)
          table.apply(back)
          expect(table.list()).toEqual(before)
          const both = new CoinView(table.read)
          disconnectBlock(
            block,
            parent.height + 1,
            connectBlock(spec.consensus, block, parent, both).undo,
            both,
          )
          table.apply(both)
          expect(table.list()).toEqual(before)
        })
      })
      assert(law, { numRuns: randomChains })
    },
    randomChainsTimeout,
  )

  test('keeps undo data what it was', () => {
    const law = property(blockPlans, (plans) => {
      const builder = build(plans)
      walk(builder, (block, height, table) => {
        const view = new CoinView(table.read)
        const { undo } = connectBlock(spec.consensus, block, builder.tip.ancestor(height - 1), view)
        expect(decodeUndo(encodeUndo(undo))).toEqual(undo)
        expect(undo.map((coins) => coins.length)).toEqual(
          block.transactions.slice(1).map(({ inputs }) => inputs.length),
        )
      })
    })
    assert(law, { numRuns: 20 })
  })

  test(
    'makes no coins but the subsidy, and loses none but those nobody can spend',
    () => {
      const law = property(blockPlans, (plans) => {
        const builder = build(plans)
        let expected = 0n
        const table = walk(builder, (block, height, coins) => {
          expect(coins.total()).toBe(expected)
          const burnt = block.transactions.flatMap(({ outputs }) => outputs).filter(isBurnt)
          expected += computeSubsidy(spec.consensus, height) - totalOf(burnt)
        })
        expect(table.total()).toBe(expected)
      })
      assert(law, { numRuns: randomChains })
    },
    randomChainsTimeout,
  )

  test('leaves the sum of outputs and fee equal to the sum of inputs', () => {
    const law = property(blockPlans, (plans) => {
      const builder = build(plans)
      walk(builder, (block, height, table) => {
        const parent = builder.tip.ancestor(height - 1)
        const view = new CoinView(table.read)
        const { undo, fees } = connectBlock(spec.consensus, block, parent, view)
        const each = block.transactions.slice(1).map((transaction, index) => {
          const coins = undo[index] ?? []
          const { fee } = checkInputs(spec.consensus, transaction, coins, parent)
          expect(totalOf(transaction.outputs) + fee).toBe(totalOf(coins.map(({ output }) => output)))
          return fee
        })
        expect(fees).toBe(each.reduce((sum, fee) => sum + fee, 0n))
      })
    })
    assert(law, { numRuns: 20 })
  })
})

test('a chain that is left for a longer one and taken again has its coins again', async () => {
  const law = asyncProperty(blockPlans, async (plans) => {
    const builder = build(plans)
    const store = new MemoryChainStore()
    const chain = await openChain(spec, builder.blocks, { store })
    const before = listCoins(store)
    const other = ChainBuilder.create(spec)
    other.mineEmpty(builder.height + 1, { extraNonce: 1 })
    await acceptAll(chain, other.blocks)
    expect(chain.tip.hash).toEqual(other.tip.hash)
    const [more, evenMore] = [builder.fork(), other.fork()]
    more.mineEmpty(2)
    await acceptAll(chain, more.blocks)
    expect(chain.tip.hash).toEqual(more.tip.hash)
    evenMore.mineEmpty(2)
    await acceptAll(chain, evenMore.blocks)
    const again = await openChain(spec, builder.blocks)
    expect(again.tip.hash).toEqual(builder.tip.hash)
    const fresh = new MemoryChainStore()
    await openChain(spec, builder.blocks, { store: fresh })
    expect(listCoins(fresh)).toEqual(before)
  })
  await assert(law, { numRuns: 5 })
})

function isBurnt({ scriptPubKey }: TransactionOutput): boolean {
  return isUnspendable(scriptPubKey)
}

function totalOf(outputs: readonly TransactionOutput[]): bigint {
  return outputs.reduce((sum, { value }) => sum + value, 0n)
}
