import type { BlockNode } from '@chain/core/chain'
import { createEntry } from '@chain/core/mempool'
import { createBlockTemplate } from '@chain/core/mining'
import { outpointKey, type Transaction } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, solve } from '@chain/core/testing'
import { array, assert, asyncProperty, constantFrom, nat, record } from 'fast-check'
import { expect, test } from 'vitest'
import { ownOutputs, realiseTransaction, transactionPlan } from '../arbitraries/plans.ts'
import { testNetwork } from '../networks.ts'
import { openPool, type Pool } from './pools.ts'

const spec = testNetwork()
const base = ChainBuilder.create(spec)
base.mineEmpty(8)

const deed = record({
  kind: constantFrom('pay', 'pay', 'pay', 'pay', 'mine', 'rival', 'reorganise', 'wait'),
  plan: transactionPlan,
  size: nat(3),
})

type Deed = typeof deed extends { generate: (...args: never[]) => { value: infer Value } } ? Value : never

/** A pool and the coins that payments may be made of: some of them spent, so that payments conflict. */
class World {
  readonly pool: Pool
  readonly #coins: PlacedCoin[] = base.spendable()
  #extraNonce = 0

  constructor(pool: Pool) {
    this.pool = pool
  }

  async do({ kind, plan, size }: Deed): Promise<void> {
    const { chain, mempool, clock } = this.pool
    if (kind === 'pay') await this.#pay(plan)
    if (kind === 'mine') await this.#mine(chain.tip, [...mempool.entries()])
    if (kind === 'rival') await this.#mineRival(plan)
    if (kind === 'reorganise') await this.#reorganise(size + 1)
    if (kind === 'wait') {
      clock.advance(5 * 24 * 3_600)
      mempool.expire()
    }
    await mempool.settled()
  }

  /** Hands in a payment; its coins stay among those that later payments choose from. */
  async #pay(plan: Deed['plan']): Promise<void> {
    const transaction = realiseTransaction(base, plan, [...this.#coins])
    if (transaction === undefined) return
    const outcome = await this.pool.mempool.accept(transaction)
    if (outcome.status === 'accepted') this.#coins.push(...ownOutputs(base, transaction))
  }

  /** Mines what waits: every template is a valid block. */
  async #mine(
    parent: BlockNode,
    entries: Parameters<typeof createBlockTemplate>[0]['entries'],
  ): Promise<void> {
    const block = solve(
      createBlockTemplate({
        params: spec.consensus,
        parent,
        entries,
        script: base.key.script,
        now: parent.header.time + 60,
        extraNonce: ++this.#extraNonce,
      }),
    )
    const outcome = await this.pool.chain.acceptBlock(block)
    expect(['connected', 'side-chain']).toContain(outcome.status)
  }

  /** Mines one payment that may contradict what waits. */
  async #mineRival(plan: Deed['plan']): Promise<void> {
    const { chain } = this.pool
    const unspent = this.#coins.filter(([outpoint]) => chain.readCoin(outpoint) !== undefined)
    const transaction = realiseTransaction(base, plan, unspent)
    if (transaction === undefined) return
    const entry = createEntry(
      { transaction, fee: 0n, size: 1, parents: new Set() },
      { feeDelta: 0n, time: 0, height: chain.tip.height },
    )
    await this.#mine(chain.tip, [entry])
  }

  async #reorganise(depth: number): Promise<void> {
    const { chain } = this.pool
    const fork = Math.max(chain.tip.height - depth, 0)
    for (let parent: BlockNode = chain.tip.ancestor(fork), i = 0; i <= depth; i++) {
      await this.#mine(parent, [])
      parent = parent.children.at(-1) as BlockNode
    }
  }
}

/** Every law that holds between the mempool and its chain, whatever happened. */
function checkLaws({ chain, mempool }: Pool): void {
  const spent = new Set<string>()
  const seen = new Set<unknown>()
  let size = 0
  for (const entry of mempool.entries()) {
    let inputs = 0n
    for (const { previousOutput } of entry.transaction.inputs) {
      expect(spent.has(outpointKey(previousOutput))).toBe(false)
      spent.add(outpointKey(previousOutput))
      expect(mempool.spender(previousOutput)).toBe(entry)
      const parent = mempool.get(previousOutput.txid)
      if (parent !== undefined) {
        expect(entry.parents.has(parent) && parent.children.has(entry) && seen.has(parent)).toBe(true)
      }
      const output =
        parent?.transaction.outputs[previousOutput.index] ?? chain.readCoin(previousOutput)?.output
      inputs += output?.value ?? -(10n ** 18n)
    }
    expect(inputs).toBe(entry.fee + sumOf(entry.transaction))
    for (const relative of [...entry.parents, ...entry.children]) {
      expect(mempool.get(relative.txid)).toBe(relative)
    }
    seen.add(entry)
    size += entry.size
  }
  expect(mempool.size).toBe(size)
  expect(mempool.size).toBeLessThanOrEqual(mempool.limits.maxMempoolSize)
}

function sumOf({ outputs }: Transaction): bigint {
  return outputs.reduce((sum, { value }) => sum + value, 0n)
}

test('the mempool never holds conflicts, and what it holds can be mined', async () => {
  const law = asyncProperty(array(deed, { minLength: 1, maxLength: 25 }), async (deeds) => {
    const pool = await openPool(spec, base.blocks, { limits: { maxMempoolSize: 1_500 } })
    const world = new World(pool)
    for (const one of deeds) {
      await world.do(one)
      checkLaws(pool)
    }
  })
  await assert(law, { numRuns: 60 })
})
