import { inlineVerifier, type SignatureCheck, type SignatureVerifier } from '@chain/core/consensus'
import { ancestors, descendants, type MempoolEntry } from '@chain/core/mempool'
import { type Transaction, txid } from '@chain/core/primitives'
import { ChainBuilder, type PlacedCoin, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'
import { openPool, outputOf, type Pool, verdict } from './pools.ts'

const spec = testNetwork()
const payee = testKey('payee')
const base = ChainBuilder.create(spec)
base.mineEmpty(6)
const [coin, other] = base.spendable() as [PlacedCoin, PlacedCoin]

const parent = pay(base, coin, 1_000_000n)
const child = pay(base, outputOf(parent), 500_000n, payee)
const grandchild = pay(base, outputOf(child), 100_000n, payee)

function pay(builder: ChainBuilder, from: PlacedCoin, value: bigint, key = builder.key): Transaction {
  return builder.spend([from], [{ value, scriptPubKey: payee.script }], { key })
}

async function holding(...transactions: readonly Transaction[]): Promise<Pool> {
  const pool = await openPool(spec, base.blocks)
  for (const transaction of transactions) {
    expect(verdict(await pool.mempool.accept(transaction))).toBe('accepted')
  }
  return pool
}

function entryOf(pool: Pool, transaction: Transaction): MempoolEntry {
  const entry = pool.mempool.get(txid(transaction))
  if (entry === undefined) throw new Error('The transaction waits.')
  return entry
}

describe('a transaction that is handed in', () => {
  test('waits with its fee and size', async () => {
    const pool = await holding(parent)
    const entry = entryOf(pool, parent)
    expect(entry.fee).toBe(coin[1].output.value - 1_000_000n)
    expect(pool.mempool.count).toBe(1)
    expect(pool.mempool.size).toBe(entry.size)
    expect(pool.mempool.spender(coin[0])).toBe(entry)
    expect(pool.events).toEqual(['added'])
  })

  test('is a duplicate the second time', async () => {
    const pool = await holding(parent)
    expect(verdict(await pool.mempool.accept(parent))).toBe('duplicate')
    expect(pool.mempool.count).toBe(1)
  })

  test('tells which of its inputs are not known', async () => {
    const pool = await holding()
    expect(await pool.mempool.accept(child)).toEqual({
      status: 'missing-inputs',
      missing: [{ txid: txid(parent), index: 0 }],
    })
  })

  test('is refused for a wrong signature', async () => {
    const pool = await holding()
    const forged = { ...parent, outputs: [{ value: 2_000_000n, scriptPubKey: payee.script }] }
    expect(verdict(await pool.mempool.accept(forged))).toBe('input-signature-invalid')
    expect(pool.events).toEqual([])
  })

  test('may spend what another waiting transaction pays', async () => {
    const pool = await holding(parent, child, grandchild)
    const [a, b, c] = [parent, child, grandchild].map((transaction) => entryOf(pool, transaction))
    if (a === undefined || b === undefined || c === undefined) throw new Error('All three wait.')
    expect(ancestors(c)).toEqual(new Set([b, a]))
    expect(descendants(a)).toEqual(new Set([b, c]))
    expect([...pool.mempool.entries()]).toEqual([a, b, c])
  })

  test('is judged one after the other when many come at once', async () => {
    const pool = await openPool(spec, base.blocks)
    const rival = pay(base, coin, 7_000n)
    const outcomes = await Promise.all([parent, child, rival].map((one) => pool.mempool.accept(one)))
    expect(outcomes.map(verdict)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(pool.events).toEqual(['added', 'added', 'removed replaced', 'removed replaced', 'added'])
  })
})

describe('a block', () => {
  test('takes out what it confirms and leaves what depends on that', async () => {
    const pool = await holding(parent, child)
    await pool.chain.acceptBlock(base.fork().mine({ transactions: [parent] }))
    expect(pool.mempool.has(txid(parent))).toBe(false)
    expect(entryOf(pool, child).parents.size).toBe(0)
    expect(pool.events).toEqual(['added', 'added', 'removed confirmed'])
  })

  test('takes out what contradicts it, with all that depends on that', async () => {
    const pool = await holding(parent, child, grandchild, pay(base, other, 5_000n))
    await pool.chain.acceptBlock(base.fork().mine({ transactions: [pay(base, coin, 7_000n)] }))
    expect(pool.mempool.count).toBe(1)
    expect(pool.events.filter((event) => event === 'removed conflict')).toHaveLength(3)
  })
})

describe('time', () => {
  test('takes out what has waited too long, with all that depends on that', async () => {
    const pool = await holding(parent)
    pool.clock.advance(pool.mempool.limits.expirySeconds)
    await pool.mempool.accept(child)
    pool.mempool.expire()
    expect(pool.mempool.count).toBe(2)
    pool.clock.advance(1)
    pool.mempool.expire()
    expect(pool.mempool.count).toBe(0)
    expect(pool.mempool.size).toBe(0)
    expect(pool.events.slice(2)).toEqual(['removed expired', 'removed expired'])
  })
})

describe('a block', () => {
  test('takes out what has waited too long', async () => {
    const pool = await holding(parent)
    pool.clock.advance(pool.mempool.limits.expirySeconds + 1)
    await pool.chain.acceptBlock(base.fork().mine())
    expect(pool.events).toEqual(['added', 'removed expired'])
  })
})

describe('a full mempool', () => {
  test('gives up the lowest fee rate, with all that depends on it, for a higher one', async () => {
    const cheap = pay(base, coin, coin[1].output.value - 200n)
    const dependent = pay(base, outputOf(cheap), 1_000n, payee)
    const rich = pay(base, other, 1_000n)
    const pool = await openPool(spec, base.blocks, { limits: { maxMempoolSize: 300 } })
    for (const one of [cheap, dependent, rich])
      expect(verdict(await pool.mempool.accept(one))).toBe('accepted')
    expect([...pool.mempool.entries()].map(({ transaction }) => transaction)).toEqual([rich])
    expect(pool.events).toEqual(['added', 'added', 'removed evicted', 'removed evicted', 'added'])
  })

  test('tells nobody of a transaction that found no room', async () => {
    const rich = pay(base, other, 1_000n)
    const cheap = pay(base, coin, coin[1].output.value - 200n)
    const pool = await openPool(spec, base.blocks, { limits: { maxMempoolSize: 150 } })
    await pool.mempool.accept(rich)
    expect(verdict(await pool.mempool.accept(cheap))).toBe('policy-mempool-full')
    expect(pool.events).toEqual(['added'])
    expect(pool.mempool.spender(coin[0])).toBeUndefined()
  })
})

/** A verifier that does something before it answers, as a pool of workers would give others time to. */
function interrupted(interrupt: (call: number) => unknown): SignatureVerifier {
  let call = 0
  return {
    name: 'interrupted',
    async findInvalid(checks: readonly SignatureCheck[]) {
      await interrupt(call++)
      return inlineVerifier.findInvalid(checks)
    },
  }
}

describe('while signatures are verified', () => {
  test('a block may spend the coin', async () => {
    const rival = base.fork().mine({ transactions: [pay(base, coin, 7_000n)] })
    const pool: Pool = await openPool(spec, base.blocks, {
      verifier: interrupted(() => pool.chain.acceptBlock(rival)),
    })
    expect(verdict(await pool.mempool.accept(parent))).toBe('missing-inputs')
    expect(pool.mempool.count).toBe(0)
  })

  test('a block may confirm the parent', async () => {
    const block = base.fork().mine({ transactions: [parent] })
    const pool: Pool = await openPool(spec, base.blocks, {
      verifier: interrupted((call) => (call === 1 ? pool.chain.acceptBlock(block) : undefined)),
    })
    await pool.mempool.accept(parent)
    expect(verdict(await pool.mempool.accept(child))).toBe('accepted')
    expect(entryOf(pool, child).parents.size).toBe(0)
  })

  test('the parent may expire', async () => {
    const pool: Pool = await openPool(spec, base.blocks, {
      verifier: interrupted((call) => {
        if (call !== 1) return
        pool.clock.advance(pool.mempool.limits.expirySeconds + 1)
        pool.mempool.expire()
      }),
    })
    await pool.mempool.accept(parent)
    expect(verdict(await pool.mempool.accept(child))).toBe('missing-inputs')
    expect(pool.mempool.count).toBe(0)
  })
})
