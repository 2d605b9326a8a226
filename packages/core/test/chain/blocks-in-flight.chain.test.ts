import { type BlockNode, ChainManager, type ChainStoreBatch, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier, type SignatureCheck } from '@chain/core/consensus'
import { type Block, blockHash, type Transaction } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { acceptAll, FAR_FUTURE, openChain } from '../chains.ts'
import { testNetwork } from '../networks.ts'

/*
 *     g - 1 - 2 - 3 - 4 - 5 - 6 - 7 - 8      4 has a wrong signature
 */
const spec = testNetwork()
const good = mine(0)
const bad = mine(4)

function mine(wrongAt: number): Block[] {
  const builder = ChainBuilder.create(spec)
  builder.mineEmpty(3)
  while (builder.height < 8) {
    const [coin] = builder.spendable() as [ReturnType<typeof builder.spendable>[number]]
    const outputs = [{ value: 1_000n, scriptPubKey: testKey('payee').script }]
    const payment = builder.spend([coin], outputs)
    builder.mine({ transactions: [builder.height + 1 === wrongAt ? withWrongSignature(payment) : payment] })
  }
  return builder.blocks
}

/** Signs for another amount than it pays. */
function withWrongSignature(payment: Transaction): Transaction {
  return { ...payment, outputs: payment.outputs.map((output) => ({ ...output, value: 999n })) }
}

/** A store that counts its commits. */
class CountingStore extends MemoryChainStore {
  commits = 0

  override commit(batch: ChainStoreBatch): Promise<void> {
    this.commits += 1
    return super.commit(batch)
  }
}

describe('blocks in flight', () => {
  test('become durable together when many are handed in', async () => {
    const store = new CountingStore()
    const chain = await openChain(spec, [], { store })
    const before = store.commits
    await Promise.all(good.map((block) => chain.acceptBlock(block)))
    expect(store.commits - before).toBe(1)
  })

  test('do not wait for each other when headers come that are known already', async () => {
    const store = new CountingStore()
    const chain = await openChain(spec, [], { store })
    await chain.acceptHeaders(good.map(({ header }) => header))
    const before = store.commits
    await Promise.all(
      good.map((block) => Promise.all([chain.acceptBlock(block), chain.acceptHeaders([block.header])])),
    )
    expect(store.commits - before).toBe(1)
    expect(chain.tip.height).toBe(8)
  })

  test('become durable while calls keep coming, when they are old enough', async () => {
    let now = FAR_FUTURE
    const chain = await openChain(spec, [], { clock: () => now })
    const [first, ...rest] = good as [Block, ...Block[]]
    let isDone = false
    const outcome = chain.acceptBlock(first).finally(() => {
      isDone = true
    })
    const headers = rest.map(({ header }) => header)
    // There is always one more call in the queue.
    let call = chain.acceptHeaders(headers)
    for (let turn = 0; turn < 50 && !isDone; turn++) {
      now += 1
      const next = chain.acceptHeaders(headers)
      await call
      call = next
    }
    expect(isDone).toBe(true)
    expect((await outcome).status).toBe('connected')
    await call
  })

  test('that were given up leave no header behind that the store lacks', async () => {
    const store = new MemoryChainStore()
    const chain = await openChain(spec, [], { store })
    const outcomes = await Promise.all(bad.map((block) => chain.acceptBlock(block)))
    expect(outcomes.map(({ status }) => status).slice(2, 5)).toEqual(['connected', 'invalid', 'invalid'])
    await chain.reconsider(chain.find(blockHash((bad[3] as Block).header)) as BlockNode)
    await chain.acceptHeaders(bad.slice(4).map(({ header }) => header))
    const again = await openChain(spec, [], { store })
    expect(again.tip.height).toBe(3)
    expect(again.bestHeader.height).toBe(chain.bestHeader.height)
  })

  test('are asked for again when they could not be verified', async () => {
    let isBroken = true
    const verifier = {
      name: 'sometimes broken',
      findInvalid: (checks: readonly SignatureCheck[]): Promise<number | undefined> =>
        isBroken ? Promise.reject(new Error('The threads are gone.')) : inlineVerifier.findInvalid(checks),
    }
    const chain = await ChainManager.open(spec, {
      store: new MemoryChainStore(),
      verifier,
      clock: () => FAR_FUTURE,
    })
    await chain.acceptHeaders(good.map(({ header }) => header))
    const results = await Promise.allSettled(good.map((block) => chain.acceptBlock(block)))
    expect(results[0]?.status).toBe('rejected')
    isBroken = false
    const missing = chain.missingBodies(100).map(({ height }) => height)
    expect(missing).toContain(1)
    await acceptAll(
      chain,
      missing.map((height) => good[height - 1] as Block),
    )
    expect(chain.tip.height).toBe(8)
  })

  test('bear a listener that throws, whose error is not lost', async () => {
    const chain = await openChain(spec)
    const told: number[] = []
    const lost: unknown[] = []
    const onLost = (error: unknown): void => void lost.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', onLost)
    try {
      chain.subscribe((event) => {
        if (event.type === 'block-connected') throw new Error('a bug')
      })
      chain.subscribe((event) => {
        if (event.type === 'block-connected') told.push(event.node.height)
      })
      await Promise.all(good.map((block) => chain.acceptBlock(block)))
      await new Promise((resolve) => setImmediate(resolve))
    } finally {
      process.off('unhandledRejection', onLost)
      for (const other of others) process.on('unhandledRejection', other)
    }
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(lost).toHaveLength(8)
    expect(chain.tip.height).toBe(8)
  })
})

test('a block below which one is invalid stays invalid when it is called so again', async () => {
  const chain = await openChain(spec, good)
  const at = (height: number): BlockNode =>
    chain.find(blockHash((good[height - 1] as Block).header)) as BlockNode
  await chain.invalidate(at(5))
  await chain.invalidate(at(7))
  expect(chain.tip.height).toBe(4)
  expect(chain.tips().map(({ status, node }) => [status, node.height])).toEqual([
    ['active', 4],
    ['invalid', 8],
  ])
  await chain.reconsider(at(7))
  expect(chain.tip.height).toBe(8)
})
