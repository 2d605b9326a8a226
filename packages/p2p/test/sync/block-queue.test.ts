import { type BlockNode, ChainManager, MemoryChainStore } from '@chain/core/chain'
import { type Block, blockHash, encodeBlock } from '@chain/core/primitives'
import { ChainBuilder, solve } from '@chain/core/testing'
import { describe, expect, it } from 'vitest'
import { BlockQueue, blockQueueLimits } from '../../src/sync/block-queue.ts'
import { openChain } from '../nodes.ts'

interface Setup {
  readonly chain: ChainManager
  readonly queue: BlockQueue
  readonly faults: string[]
  /** Who sent blocks that are connected now: `peer height`. */
  readonly thanks: string[]
  readonly errors: unknown[]
  /** Puts a block in, as if a peer had sent it. */
  readonly send: (block: Block, peer?: string, bytes?: Uint8Array) => void
  /** Resolves when nothing is in the queue. */
  readonly empty: () => Promise<void>
}

async function setUp(blocks: readonly Block[], chain?: ChainManager): Promise<Setup> {
  const open = chain ?? (await openChain([]))
  await open.acceptHeaders(blocks.map(({ header }) => header))
  const faults: string[] = []
  const thanks: string[] = []
  const errors: unknown[] = []
  let look = (): void => undefined
  const queue = new BlockQueue({
    chain: open,
    onFault: (peer, { code }) => faults.push(`${peer} ${code}`),
    onConnected: (peer, { height }) => thanks.push(`${peer} ${height}`),
    onError: (error) => errors.push(error),
    onRoom: () => look(),
  })
  const send: Setup['send'] = (block, peer = 'a', bytes = encodeBlock(block)) => {
    queue.add({ hash: blockHash(block.header), bytes, peer })
  }
  const empty = (): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (queue.isEmpty) resolve()
      }
      look()
    })
  return { chain: open, queue, faults, thanks, errors, send, empty }
}

function mined(count: number): ChainBuilder {
  const builder = ChainBuilder.create()
  builder.mineEmpty(count)
  return builder
}

describe('the queue of blocks', () => {
  it('gives the chain blocks lowest first, in whatever order they come', async () => {
    const builder = mined(9)
    const { chain, queue, send, empty } = await setUp(builder.blocks)
    const events: number[] = []
    chain.subscribe((event) => {
      if (event.type === 'block-connected') events.push(event.node.height)
    })
    for (const height of [9, 3, 2, 5, 4, 8]) send(builder.blocks[height - 1] as Block)
    expect(queue.isStarving).toBe(true)
    expect(queue.has(chain.find(builder.tip.hash) as BlockNode)).toBe(true)
    for (const height of [7, 1, 6, 6, 1]) send(builder.blocks[height - 1] as Block)
    expect(queue.isStarving).toBe(false)
    await empty()
    expect(events).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(chain.tip.hash).toEqual(builder.tip.hash)
  })

  it('tells who sent each block that is connected', async () => {
    const builder = mined(3)
    const { thanks, send, empty } = await setUp(builder.blocks)
    for (const [index, peer] of ['c', 'a', 'b'].entries()) send(builder.blocks[index] as Block, peer)
    await empty()
    expect(thanks).toEqual(['c 1', 'a 2', 'b 3'])
  })

  it('tells who sent what is bad, and nobody else', async () => {
    const builder = mined(5)
    const [first, second, third] = builder.blocks as [Block, Block, Block]
    const { chain, faults, send, empty } = await setUp(builder.blocks)
    send(third, 'c')
    send(second, 'b', encodeBlock({ ...second, transactions: first.transactions }))
    send(first, 'a')
    await empty()
    expect(faults).toEqual(['b sync-block-invalid'])
    expect(chain.tip.height).toBe(1)
    send(second, 'd', encodeBlock(second).subarray(0, -1))
    await empty()
    expect(faults).toEqual(['b sync-block-invalid', 'd sync-block-malformed'])
    // The header is good still.
    send(second, 'e')
    await empty()
    expect(chain.tip.height).toBe(3)
  })

  it('keeps nothing of a branch that turns out invalid', async () => {
    const builder = mined(3)
    const before = builder.blocks.slice()
    const bad = builder.fork().mine({
      spoil: (block) => ({
        ...block,
        transactions: block.transactions.map((coinbase) => ({
          ...coinbase,
          outputs: coinbase.outputs.map((output) => ({ ...output, value: output.value + 1n })),
        })),
      }),
    })
    const onBad = (count: number, parent: Block): Block[] => {
      const headers: Block[] = []
      for (let i = 0, last = parent; i < count; i++) {
        const header = { ...last.header, parent: blockHash(last.header), time: last.header.time + 600 }
        last = solve({ ...last, header })
        headers.push(last)
      }
      return headers
    }
    const branch = [bad, ...onBad(3, bad)]
    const { chain, queue, faults, send, empty } = await setUp([...before, ...branch])
    // The third on top of the bad one comes first, and the second never.
    send(branch[3] as Block)
    send(branch[1] as Block)
    for (const block of before) send(block)
    send(bad, 'liar')
    await empty()
    expect(faults).toEqual(['liar sync-block-invalid'])
    expect(chain.tip.height).toBe(3)
    send(branch[2] as Block)
    expect(queue.isEmpty).toBe(true)
  })

  it('tells of a chain that cannot judge, and blames nobody', async () => {
    const builder = mined(3)
    const broken = { name: 'broken', findInvalid: () => Promise.reject(new Error('The threads are gone.')) }
    const modules = { store: new MemoryChainStore(), verifier: broken, clock: (): number => 4_000_000_000 }
    const chain = await ChainManager.open(builder.spec, modules)
    const { errors, faults, send, empty } = await setUp(builder.blocks, chain)
    send(builder.blocks[0] as Block)
    await empty()
    expect(errors).toHaveLength(1)
    expect(faults).toEqual([])
  })

  it('is bounded: it says when it is full, and drops the highest blocks when more come all the same', async () => {
    // What waits is not read, so that it need not be a block.
    const bytes = new Uint8Array(900_000)
    const count = Math.ceil(blockQueueLimits.maxQueueBytes / bytes.length) + 3
    const builder = mined(count)
    const { chain, queue, send } = await setUp(builder.blocks)
    const isThere = (height: number): boolean =>
      queue.has(chain.find(builder.tip.ancestor(height).hash) as BlockNode)
    // Nothing can be used before the first block, which does not come.
    for (let height = count; height > 1; height--) {
      send(builder.blocks[height - 1] as Block, 'a', bytes)
    }
    expect(queue.isFull).toBe(true)
    expect(queue.isStarving).toBe(true)
    const kept = Array.from({ length: count }, (_, index) => index + 1).filter(isThere)
    expect(kept.length * bytes.length).toBeLessThanOrEqual(blockQueueLimits.maxQueueBytes)
    expect(kept.length * bytes.length).toBeGreaterThan(blockQueueLimits.queueBytes)
    expect(kept).toEqual(kept.map((_, index) => index + 2))
  })

  it('takes nothing in when it was stopped', async () => {
    const builder = mined(3)
    const { queue, send } = await setUp(builder.blocks)
    send(builder.blocks[2] as Block)
    queue.stop()
    expect(queue.isEmpty).toBe(true)
    send(builder.blocks[0] as Block)
    expect(queue.isEmpty).toBe(true)
  })
})
