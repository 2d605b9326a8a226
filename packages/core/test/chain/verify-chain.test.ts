import { type BlockRef, ChainManager, type ChainStoreBatch, MemoryChainStore } from '@chain/core/chain'
import { OperationalError } from '@chain/core/errors'
import { type Block, type Coin, encodeBlock, type OutPoint } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { FAR_FUTURE, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

const spec = testNetwork({ filterCommitment: true })
const builder = ChainBuilder.create(spec)
builder.mineEmpty(3)
for (let i = 0; i < 5; i++) {
  const [coin] = builder.spendable() as [ReturnType<typeof builder.spendable>[number]]
  const payment = builder.spend(
    [coin],
    [{ value: 1_000n + BigInt(i), scriptPubKey: testKey('payee').script }],
  )
  builder.mine({ transactions: [payment] })
}
const deepest = { depth: 0, level: 4 } as const

async function openWith(damage: ChainStoreBatch): Promise<ChainManager> {
  const store = new MemoryChainStore()
  const chain = await openChain(spec, builder.blocks, { store })
  await store.commit(damage)
  return chain
}

function refAt(height: number): BlockRef {
  return { hash: builder.tip.ancestor(height).hash, height }
}

async function anyCoin(): Promise<readonly [OutPoint, Coin]> {
  const store = new MemoryChainStore()
  await openChain(spec, builder.blocks, { store })
  // One that a payment made, not the miner: its value is small.
  const coins = [...store.readCoins()].filter(([, { output }]) => output.value < 2_000n)
  return coins[0] as readonly [OutPoint, Coin]
}

describe('verifying a chain', () => {
  test('finds nothing wrong with a good one, on every level and to every depth', async () => {
    const chain = await openChain(spec, builder.blocks)
    for (const level of [0, 1, 2, 3, 4] as const) {
      for (const depth of [0, 1, 4, 8, 100]) {
        const { fault, blocks, from } = await chain.verify({ depth, level })
        expect(fault).toBeUndefined()
        expect([blocks, from]).toEqual(depth === 1 ? [1, 8] : depth === 4 ? [4, 5] : [8, 1])
      }
    }
    const { transactions, signatures } = await chain.verify(deepest)
    expect([transactions, signatures]).toEqual([13, 5])
  })

  test('finds nothing wrong with a chain that has only its genesis block', async () => {
    const chain = await openChain(spec)
    expect(await chain.verify(deepest)).toMatchObject({ blocks: 0, transactions: 0, fault: undefined })
  })

  test('tells how far it is, and ends with everything done', async () => {
    const chain = await openChain(spec, builder.blocks)
    const told: (readonly [number, number])[] = []
    const onProgress = (done: number, all: number): Promise<void> => {
      told.push([done, all])
      return Promise.resolve()
    }
    await chain.verify({ depth: 2, level: 3, onProgress })
    await chain.verify({ depth: 2, level: 4, onProgress })
    expect(told).toEqual([
      [1, 2],
      [2, 2],
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ])
  })

  test.each([
    { what: 'a body that is missing', level: 0, at: 6, damage: { pruned: [refAt(6)] } },
    {
      what: 'a body of another block',
      level: 0,
      at: 5,
      damage: { bodies: [{ block: refAt(5), bytes: encodeBlock(builder.blocks[5] as Block) }] },
    },
    {
      what: 'a body that cannot be read',
      level: 0,
      at: 2,
      damage: { bodies: [{ block: refAt(2), bytes: Uint8Array.of(1, 2, 3) }] },
    },
    { what: 'a height that names another block', level: 0, at: 7, damage: { heights: [[7, refAt(6).hash]] } },
    {
      what: 'a transaction that was left out of a body',
      level: 1,
      at: 8,
      damage: { bodies: [{ block: refAt(8), bytes: encodeBlock(withoutPayments(8)) }] },
    },
    {
      what: 'undo data that cannot be read',
      level: 2,
      at: 4,
      damage: { undo: [{ block: refAt(4), bytes: Uint8Array.of(9) }] },
    },
    {
      what: 'undo data of another block',
      level: 3,
      at: 3,
      damage: { undo: [{ block: refAt(3), bytes: Uint8Array.of(1, 0) }] },
    },
  ] as const)('finds $what at level $level', async ({ level, at, damage }) => {
    const chain = await openWith(damage)
    for (let other = level; other <= 4; other++) {
      const { fault } = await chain.verify({ depth: 0, level: other })
      expect(fault?.height).toBe(at)
    }
    if (level > 0) {
      const { fault } = await chain.verify({ depth: 0, level: (level - 1) as 0 | 1 | 2 | 3 })
      expect(fault).toBeUndefined()
    }
  })

  test('finds a coin that is missing, one that nobody made, and one of another value', async () => {
    const [outpoint, coin] = await anyCoin()
    const stray = { txid: new Uint8Array(32).fill(7), index: 1 }
    const richer = { ...coin, output: { ...coin.output, value: coin.output.value + 1n } }
    const cases = [[[outpoint, undefined]], [[stray, coin]], [[outpoint, richer]]] as const
    for (const coins of cases) {
      const chain = await openWith({ coins })
      expect((await chain.verify(deepest)).fault?.error.code).toMatch(/^(undo-mismatch|store-inconsistent)$/)
      expect((await chain.verify({ depth: 0, level: 2 })).fault).toBeUndefined()
    }
  })

  test('finds a coin of another owner, of another height, and one that was spent', async () => {
    const [outpoint, coin] = await anyCoin()
    const stolen = { ...coin, output: { ...coin.output, scriptPubKey: testKey('thief').script } }
    const spent = builder.blocks.at(-1)?.transactions[1]?.inputs[0]?.previousOutput as OutPoint
    const cases = [[[outpoint, stolen]], [[outpoint, { ...coin, height: 1 }]], [[spent, coin]]] as const
    for (const coins of cases) {
      const chain = await openWith({ coins })
      expect((await chain.verify({ depth: 6, level: 3 })).fault?.error.code).toBe('undo-mismatch')
      expect((await chain.verify({ depth: 6, level: 2 })).fault).toBeUndefined()
    }
  })

  test('does not take a verifier that fails for a fault of the chain', async () => {
    const store = new MemoryChainStore()
    await openChain(spec, builder.blocks, { store })
    const verifier = {
      name: 'broken',
      findInvalid: () => Promise.reject(new OperationalError('threads-gone', 'The threads are gone.')),
    }
    const chain = await ChainManager.open(spec, { store, verifier, clock: () => FAR_FUTURE })
    await expect(chain.verify(deepest)).rejects.toMatchObject({ code: 'threads-gone' })
    expect((await chain.verify({ depth: 0, level: 3 })).fault).toBeUndefined()
  })
})

function withoutPayments(height: number): Block {
  const { header, transactions } = builder.blocks[height - 1] as Block
  return { header, transactions: transactions.slice(0, 1) }
}
