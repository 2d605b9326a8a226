import { type BlockNode, CoinView, connectBlock } from '@chain/core/chain'
import { checkBlock, checkBlockContext } from '@chain/core/consensus'
import {
  ancestors,
  createEntry,
  decodeMempool,
  descendants,
  type MempoolEntry,
  Orphans,
} from '@chain/core/mempool'
import { createBlockTemplate } from '@chain/core/mining'
import { type Block, outpointKey, type Transaction, txid } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, solve } from '@chain/core/testing'
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  nat,
  record,
  shuffledSubarray,
} from 'fast-check'
import { expect, test } from 'vitest'
import {
  ownOutputs,
  realiseTransaction,
  type TransactionPlan,
  transactionPlan,
} from '../arbitraries/plans.ts'
import { testNetwork } from '../networks.ts'
import { openPool, type Pool, savedBytes, verdict } from './pools.ts'

const spec = testNetwork()
const base = ChainBuilder.create(spec)
base.mineEmpty(4)
const shares = Array.from({ length: 30 }, () => ({ value: 100_000_000n, scriptPubKey: base.key.script }))
base.mine({ transactions: [base.spend(base.spendable().slice(0, 1), shares)] })
base.mineEmpty(3)

const deed = record({
  kind: constantFrom(
    ...(['pay', 'pay', 'pay', 'pay', 'pay', 'pay', 'pay', 'pay', 'bump', 'bump'] as const),
    ...(['mine', 'rival', 'reorganise', 'wait', 'prioritise', 'reload'] as const),
  ),
  plan: transactionPlan,
  size: nat(3),
})

type Deed = typeof deed extends { generate: (...args: never[]) => { value: infer Value } } ? Value : never

/** A pool and the coins that payments may be made of: some of them spent, so that payments conflict. */
class World {
  readonly pool: Pool
  /** What the events say is waiting. */
  readonly told = new Set<MempoolEntry>()
  readonly #coins: PlacedCoin[] = base.spendable()
  #extraNonce = 0

  constructor(pool: Pool) {
    this.pool = pool
    pool.mempool.subscribe((event) => {
      if (event.type === 'transaction-added') this.told.add(event.entry)
      else expect(this.told.delete(event.entry)).toBe(true)
    })
  }

  async do({ kind, plan, size }: Deed): Promise<void> {
    const { chain, mempool, clock } = this.pool
    if (kind === 'pay') await this.#pay(realiseTransaction(base, standard(plan), [...this.#coins]))
    if (kind === 'bump') await this.#bump(size)
    if (kind === 'mine') await this.#mine(chain.tip, [...mempool.entries()])
    if (kind === 'rival') await this.#mineRival(plan)
    if (kind === 'reorganise') await this.#reorganise(size + 1)
    if (kind === 'wait') {
      clock.advance(5 * 24 * 3_600)
      mempool.expire()
    }
    if (kind === 'prioritise') this.#prioritise(plan.picks[0] ?? 0)
    if (kind === 'reload') await mempool.load(mempool.save())
    await mempool.settled()
  }

  /** Hands in a payment; its coins stay among those that later payments choose from. */
  async #pay(transaction: Transaction | undefined): Promise<void> {
    if (transaction === undefined) return
    const { mempool } = this.pool
    const before = savedBytes(mempool)
    const expected = await mempool.testAccept(transaction)
    expect(savedBytes(mempool)).toEqual(before)
    const outcome = await mempool.accept(transaction)
    expect(verdict(outcome)).toBe(expected.status === 'acceptable' ? 'accepted' : verdict(expected))
    if (outcome.status === 'accepted') this.#coins.push(...ownOutputs(base, transaction))
    else if (outcome.status === 'refused') expect(savedBytes(mempool)).toEqual(before)
  }

  /** Pays more for one that waits: takes it from its last output. */
  async #bump(pick: number): Promise<void> {
    const entries = [...this.pool.mempool.entries()]
    const entry = entries[pick % Math.max(entries.length, 1)]
    if (entry === undefined) return
    const coins = entry.transaction.inputs.map(({ previousOutput }): PlacedCoin => {
      const output = this.pool.mempool.get(previousOutput.txid)?.transaction.outputs[previousOutput.index]
      const coin = output === undefined ? this.pool.chain.readCoin(previousOutput) : undefined
      return [
        previousOutput,
        coin ?? { output: output as NonNullable<typeof output>, height: 0, isCoinbase: false },
      ]
    })
    const outputs = entry.transaction.outputs.map((output) => ({
      ...output,
      value: output.value - output.value / 3n,
    }))
    await this.#pay(base.spend(coins, outputs))
  }

  #prioritise(pick: number): void {
    const entries = [...this.pool.mempool.entries()]
    const entry = entries[pick % Math.max(entries.length, 1)]
    if (entry !== undefined) this.pool.mempool.prioritise(entry.txid, BigInt(pick - 500) * 10_000_000n)
  }

  /** Mines what waits: every template is a valid block. */
  async #mine(parent: BlockNode, entries: Iterable<MempoolEntry>): Promise<void> {
    const block = solve(templateOn(parent, entries, ++this.#extraNonce))
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

/** The plan without outputs that policy refuses. */
function standard(plan: TransactionPlan): TransactionPlan {
  return { ...plan, outputs: plan.outputs.map((kind) => (kind === 'open' ? 'own' : kind)) }
}

function templateOn(parent: BlockNode, entries: Iterable<MempoolEntry>, extraNonce = 0): Block {
  const { script } = base.key
  const now = parent.header.time + 60
  return createBlockTemplate({ params: spec.consensus, parent, entries, script, now, extraNonce })
}

/** Every law that holds between the mempool and its chain, whatever happened. */
function checkLaws(world: World): void {
  const { chain, mempool } = world.pool
  const spent = new Set<string>()
  const seen = new Set<unknown>()
  let size = 0
  let fees = 0n
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
    seen.add(entry)
    size += entry.size
    fees += entry.fee
  }
  for (const entry of mempool.entries()) checkFamily(world.pool, entry)
  expect([mempool.size, mempool.fees, mempool.count]).toEqual([size, fees, seen.size])
  expect(mempool.size).toBeLessThanOrEqual(mempool.limits.maxMempoolSize)
  expect(world.told).toEqual(seen)
  checkTemplate(world.pool)
}

/** Who depends on whom is told the same from both ends, and is bounded. */
function checkFamily({ mempool }: Pool, entry: MempoolEntry): void {
  const { maxAncestors, maxDescendants } = mempool.limits
  const [above, below] = [ancestors(entry), descendants(entry)]
  for (const relative of [...above, ...below]) expect(mempool.get(relative.txid)).toBe(relative)
  for (const ancestor of above) expect(descendants(ancestor).has(entry)).toBe(true)
  for (const descendant of below) expect(ancestors(descendant).has(entry)).toBe(true)
  expect(above.size).toBeLessThan(maxAncestors)
  expect(below.size).toBeLessThan(maxDescendants)
}

/** What waits can be mined at any moment. */
function checkTemplate({ chain, mempool }: Pool): void {
  const block = templateOn(chain.tip, mempool.entries())
  expect(block.transactions).toHaveLength(mempool.count + 1)
  checkBlock(block)
  checkBlockContext(spec.consensus, block, chain.tip)
  const view = new CoinView((outpoint) => chain.readCoin(outpoint))
  expect(connectBlock(spec.consensus, block, chain.tip, view).fees).toBe(mempool.fees)
}

function sumOf({ outputs }: Transaction): bigint {
  return outputs.reduce((sum, { value }) => sum + value, 0n)
}

test('the mempool never holds conflicts, and what it holds can be mined', async () => {
  const law = asyncProperty(
    array(deed, { minLength: 1, maxLength: 40, size: 'max' }),
    integer({ min: 400, max: 1_500 }),
    async (deeds, maxMempoolSize) => {
      const limits = { maxMempoolSize, maxAncestors: 4, maxDescendants: 4 }
      const world = new World(await openPool(spec, base.blocks, { limits }))
      for (const one of deeds) {
        await world.do(one)
        checkLaws(world)
      }
    },
  )
  await assert(law, { numRuns: 40 })
}, 60_000)

/** Hands in transactions as relay does: those whose parents are missing wait among the orphans. */
async function relay({ mempool }: Pool, transactions: readonly Transaction[]): Promise<void> {
  const orphans = new Orphans({ maxCount: 100, maxLength: 1_000_000, maxAge: 1 })
  for (const one of transactions) {
    for (const queue = [one]; queue.length > 0; ) {
      const transaction = queue.shift() as Transaction
      const outcome = await mempool.accept(transaction)
      if (outcome.status === 'missing-inputs') orphans.add({ transaction, peer: 'a' }, 0)
      else
        queue.push(
          ...orphans
            .takeChildren((outcome as { entry: MempoolEntry }).entry.txid)
            .map((orphan) => orphan.transaction),
        )
    }
  }
}

test('valid transactions make the same mempool in whatever order they come', async () => {
  const law = asyncProperty(
    array(transactionPlan, { minLength: 1, maxLength: 8 }),
    shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
    async (plans, order) => {
      const coins = base.spendable()
      const transactions = plans.flatMap((plan) => {
        const transaction = realiseTransaction(base, standard(plan), coins)
        if (transaction === undefined) return []
        coins.push(...ownOutputs(base, transaction))
        return [transaction]
      })
      const [inOrder, shuffled] = [await openPool(spec, base.blocks), await openPool(spec, base.blocks)]
      await relay(inOrder, transactions)
      await relay(
        shuffled,
        order.flatMap((index) => transactions[index] ?? []),
      )
      expect(inOrder.mempool.count).toBe(transactions.length)
      expect(idsOf(shuffled)).toEqual(idsOf(inOrder))
    },
  )
  await assert(law, { numRuns: 40 })
}, 60_000)

test('a mempool that is saved and loaded is the same, and saved as the same bytes', async () => {
  const law = asyncProperty(
    array(transactionPlan, { minLength: 1, maxLength: 8 }),
    array(record({ unbroadcast: boolean(), delta: nat(2_000) }), { minLength: 8, maxLength: 8 }),
    async (plans, facts) => {
      const coins = base.spendable()
      const [before, after] = [await openPool(spec, base.blocks), await openPool(spec, base.blocks)]
      for (const [index, plan] of plans.entries()) {
        const transaction = realiseTransaction(base, standard(plan), coins)
        if (transaction === undefined) continue
        coins.push(...ownOutputs(base, transaction))
        before.clock.advance(index)
        await before.mempool.accept(transaction)
        before.mempool.prioritise(txid(transaction), BigInt(facts[index]?.delta ?? 0))
        if (facts[index]?.unbroadcast === true) before.mempool.addUnbroadcast(txid(transaction))
      }
      after.clock.advance(100)
      const bytes = savedBytes(before.mempool)
      const { count } = before.mempool
      expect(await after.mempool.load(decodeMempool(bytes))).toEqual({
        accepted: count,
        refused: 0,
        expired: 0,
      })
      expect(after.mempool.unbroadcastCount).toBe(before.mempool.unbroadcastCount)
      expect(savedBytes(after.mempool)).toEqual(bytes)
    },
  )
  await assert(law, { numRuns: 40 })
}, 60_000)

function idsOf({ mempool }: Pool): Set<string> {
  return new Set(Array.from(mempool.entries(), (entry) => entry.txid.join()))
}
