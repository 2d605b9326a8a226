import { equalBytes } from '@chain/core/bytes'
import { type BlockNode, type ChainManager, type ChainStore, MemoryChainStore } from '@chain/core/chain'
import { type Block, blockHash, encodeBlock, encodeHeader } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { type BlockReply, type GetHeaders, type Headers, serviceFlags } from '@chain/wire'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import { PeerError } from '../../src/errors.ts'
import { handleBlocks } from '../../src/protocols/blocks.ts'
import { handleHeaders } from '../../src/protocols/headers.ts'
import type { RequestOptions } from '../../src/streams/exchange.ts'
import { connectedSyncPeer, type SyncPeer } from '../../src/sync/sync-peer.ts'
import { SyncPlanner, syncPlannerLimits } from '../../src/sync/sync-planner.ts'
import { Syncer, type SyncOptions, type SyncStatus } from '../../src/sync/syncer.ts'
import { connectLightHost, specId, startHost } from '../hosts.ts'
import { openChain, PenaltyBook, silentLog } from '../nodes.ts'

/** A peer that answers from a chain of its own; tests replace what it does wrong. */
class ChainPeer implements SyncPeer {
  readonly id: string
  readonly chain: ChainManager
  /** How many blocks it has sent. */
  sent = 0
  /** How many blocks were asked for at a time. */
  readonly requests: number[] = []

  constructor(id: string, chain: ChainManager) {
    this.id = id
    this.chain = chain
  }

  get work(): bigint {
    return this.chain.tip.chainWork
  }

  async requestHeaders({ locator, stop }: GetHeaders, { signal }: RequestOptions): Promise<Headers> {
    signal?.throwIfAborted()
    return { headers: this.chain.headersAfter(locator, stop).map(encodeHeader) }
  }

  async *requestBlocks(
    hashes: readonly Uint8Array[],
    { signal }: RequestOptions,
  ): AsyncGenerator<BlockReply> {
    this.requests.push(hashes.length)
    for (const hash of hashes) {
      signal?.throwIfAborted()
      const node = this.chain.find(hash)
      const block = node === undefined ? undefined : this.chain.readBody(node)
      if (block === undefined) yield { kind: 'not-found', hash }
      else {
        this.sent += 1
        yield { kind: 'block', block }
      }
    }
  }
}

interface Setup {
  readonly chain: ChainManager
  readonly syncer: Syncer
  readonly penalties: PenaltyBook
}

async function setUp(
  blocks: readonly Block[] = [],
  options?: SyncOptions,
  clock: Clock = systemClock,
  store?: ChainStore,
): Promise<Setup> {
  const chain = await openChain(blocks, store)
  const penalties = new PenaltyBook()
  const syncer = new Syncer({ chain, penalise: penalties.penalise, clock, log: silentLog }, options)
  onTestFinished(() => syncer.stop())
  return { chain, syncer, penalties }
}

function add({ syncer }: Setup, peer: ChainPeer, work: bigint = peer.work): void {
  syncer.addPeer(peer, { ...statusOf(peer.chain), work })
}

function statusOf({ tip }: ChainManager, services: number = serviceFlags.fullBlocks): SyncStatus {
  return { work: tip.chainWork, height: tip.height, services }
}

/** Resolves when the block is the tip. */
function reached({ chain }: Setup, hash: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (equalBytes(chain.tip.hash, hash)) resolve()
    }
    chain.subscribe((event) => {
      if (event.type === 'tip-changed') look()
    })
    look()
  })
}

function built(count: number, from: ChainBuilder = ChainBuilder.create(), extraNonce = 0): ChainBuilder {
  from.mineEmpty(count, { extraNonce })
  return from
}

describe('a block that comes in another way', () => {
  it('is asked from nobody while it is held, and taken in when it is delivered', async () => {
    const builder = built(3)
    const [, , last] = builder.blocks as [Block, Block, Block]
    const setup = await setUp(builder.blocks.slice(0, 2))
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    setup.syncer.hold(builder.tip.hash)
    add(setup, peer)
    await setup.chain.acceptHeaders([last.header])
    expect(setup.syncer.phase).not.toBe('synced')
    setup.syncer.deliver(builder.tip.hash, last, 'b')
    await reached(setup, builder.tip.hash)
    expect(peer.sent).toBe(0)
  })

  it('is asked for when it does not come', async () => {
    const builder = built(3)
    const setup = await setUp(builder.blocks.slice(0, 2))
    setup.syncer.hold(builder.tip.hash)
    add(setup, new ChainPeer('a', await openChain(builder.blocks)))
    await reached(setup, builder.tip.hash)
  })

  it('is asked for at once when it is released', async () => {
    const builder = built(3)
    const clock = { ...systemClock, now: () => 0 }
    const setup = await setUp(builder.blocks.slice(0, 2), {}, clock)
    setup.syncer.hold(builder.tip.hash)
    add(setup, new ChainPeer('a', await openChain(builder.blocks)))
    setup.syncer.release(builder.tip.hash)
    await reached(setup, builder.tip.hash)
  })

  it('is nobody’s fault when its signatures are wrong', async () => {
    const builder = built(103)
    const [coin] = builder.spendable()
    if (coin === undefined) throw new Error('There is a coin to spend.')
    const payment = builder.spend([coin], [{ value: 1_000_000n, scriptPubKey: builder.key.script }])
    const spoilt = builder.fork().mine({ transactions: [{ ...payment, lockTime: 1 }] })
    const setup = await setUp(builder.blocks)
    const outcome = new Promise((resolve) => {
      setup.chain.subscribe((event) => {
        if (event.type === 'block-invalid') resolve(event.error.code)
      })
    })
    await setup.chain.acceptHeaders([spoilt.header])
    setup.syncer.deliver(blockHash(spoilt.header), spoilt, 'a')
    expect(await outcome).toBe('input-signature-invalid')
    expect(setup.penalties.entries).toEqual([])
  })
})

describe('sync', () => {
  it('follows the chain of a peer', async () => {
    const builder = built(60)
    const setup = await setUp()
    add(setup, new ChainPeer('a', await openChain(builder.blocks)))
    await reached(setup, builder.tip.hash)
    expect(setup.chain.tip.height).toBe(60)
    expect(setup.penalties.entries).toEqual([])
  })

  it('follows a chain of more headers than fit into one answer', async () => {
    const builder = built(2_100)
    const setup = await setUp()
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    const answers: number[] = []
    const ask = peer.requestHeaders.bind(peer)
    peer.requestHeaders = async (request, options) => {
      const answer = await ask(request, options)
      answers.push(answer.headers.length)
      return answer
    }
    add(setup, peer)
    await reached(setup, builder.tip.hash)
    expect(answers).toEqual([2_000, 100])
  })

  it('asks for whole requests only, while the window moves on', async () => {
    const { window, batch } = syncPlannerLimits
    const builder = built(window + 5 * batch)
    const setup = await setUp()
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    add(setup, peer)
    await reached(setup, builder.tip.hash)
    // One more than fit the chain: the window begins at height 1, and the requests below its end meet those above it.
    expect(peer.requests.length).toBeLessThanOrEqual(builder.blocks.length / batch + 1)
  })

  it('moves to the branch with more work', async () => {
    const builder = built(20)
    const branch = built(12, builder.fork(), 1)
    built(10, builder)
    const setup = await setUp(builder.blocks)
    const other = new ChainPeer('a', await openChain(branch.blocks))
    add(setup, other)
    await reached(setup, branch.tip.hash)
    expect(other.sent).toBe(12)
  })

  it('asks for nothing when nobody has more', async () => {
    const builder = built(5)
    const setup = await setUp(builder.blocks)
    const peer = new ChainPeer('a', await openChain(builder.blocks.slice(0, 3)))
    add(setup, peer)
    expect(setup.syncer.phase).toBe('synced')
    expect(peer.sent).toBe(0)
  })

  it('counts who is ahead, and not for ever who only says so', async () => {
    const builder = built(3)
    const setup = await setUp(builder.blocks)
    const liar = new ChainPeer('liar', await openChain(builder.blocks))
    const answer = liar.requestHeaders.bind(liar)
    const answered = new Promise<void>((resolve) => {
      liar.requestHeaders = async (request, options) => {
        setImmediate(resolve)
        return await answer(request, options)
      }
    })
    add(setup, liar, 2n ** 255n)
    expect(setup.syncer.peersAhead).toBe(1)
    await answered
    expect(setup.syncer.peersAhead).toBe(0)
    expect(setup.syncer.phase).toBe('synced')
  })

  it('fetches a block that is announced', async () => {
    const builder = built(5)
    const setup = await setUp(builder.blocks)
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    add(setup, peer)
    const next = builder.mine()
    await peer.chain.acceptBlock(next)
    await setup.syncer.announce('a', encodeHeader(next.header))
    await reached(setup, blockHash(next.header))
    expect(peer.sent).toBe(1)
  })

  it('knows the best block that a peer has shown, not only what its status told', async () => {
    const builder = built(5)
    const setup = await setUp(builder.blocks.slice(0, 3))
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    expect(setup.syncer.bestOf('a')).toBeUndefined()
    add(setup, peer)
    await reached(setup, builder.tip.hash)
    expect(setup.syncer.bestOf('a')?.height).toBe(5)
    const next = builder.mine()
    await setup.syncer.announce('a', encodeHeader(next.header))
    expect(setup.syncer.bestOf('a')?.height).toBe(6)
    await setup.syncer.announce('a', encodeHeader(builder.blocks[1]?.header ?? next.header))
    expect(setup.syncer.bestOf('a')?.height).toBe(6)
    setup.syncer.removePeer('a')
    expect(setup.syncer.bestOf('a')).toBeUndefined()
  })

  it('takes no empty answer for a sign that a peer has our best block', async () => {
    const setup = await setUp(built(5).blocks)
    const behind = new ChainPeer('a', await openChain(built(2).blocks))
    add(setup, behind, 1_000n)
    await expect.poll(() => setup.syncer.phase).toBe('synced')
    expect(setup.syncer.bestOf('a')).toBeUndefined()
  })

  it('fetches an announced block although another one of its height is known whose body nobody gives', async () => {
    const builder = built(5)
    const setup = await setUp(builder.blocks)
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    add(setup, peer)
    const withheld = built(1, builder.fork(), 7).tip
    await setup.syncer.announce('miser', encodeHeader(withheld.header))
    expect(setup.chain.bestHeader.hash).toEqual(withheld.hash)
    const next = builder.mine()
    await peer.chain.acceptBlock(next)
    await setup.syncer.announce('a', encodeHeader(next.header))
    await reached(setup, blockHash(next.header))
    expect(setup.penalties.entries).toEqual([])
  })

  it('fetches a short branch of which only the end was announced, beside a withheld one of as much work', async () => {
    const builder = built(5)
    const setup = await setUp(builder.blocks)
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    add(setup, peer)
    const withheld = built(3, builder.fork(), 7)
    for (const { header } of withheld.blocks.slice(5))
      await setup.syncer.announce('miser', encodeHeader(header))
    for (const block of built(3, builder).blocks.slice(5)) await peer.chain.acceptBlock(block)
    await setup.syncer.announce('a', encodeHeader(builder.tip.header))
    await reached(setup, builder.tip.hash)
  })

  it('fetches what is before an announced block', async () => {
    const builder = built(5)
    const setup = await setUp(builder.blocks)
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    add(setup, peer)
    for (const block of built(4, builder).blocks.slice(5)) await peer.chain.acceptBlock(block)
    await setup.syncer.announce('a', encodeHeader(builder.tip.header))
    await reached(setup, builder.tip.hash)
    expect(peer.sent).toBe(4)
  })

  it('goes on with other peers when one hangs up in the middle', async () => {
    const builder = built(60)
    const chain = await openChain(builder.blocks)
    const setup = await setUp()
    const quitter = new ChainPeer('quitter', chain)
    const serve = quitter.requestBlocks.bind(quitter)
    quitter.requestBlocks = async function* (hashes, options) {
      for await (const reply of serve(hashes, options)) {
        yield reply
        if (this.sent === 20) setup.syncer.removePeer('quitter')
      }
    }
    add(setup, quitter)
    const steady = new ChainPeer('steady', chain)
    add(setup, steady)
    await reached(setup, builder.tip.hash)
    expect(quitter.sent).toBeGreaterThanOrEqual(20)
    expect(steady.sent).toBeGreaterThan(0)
  })

  it('goes on with other peers when one fails, and says that it was late', async () => {
    const builder = built(40)
    const chain = await openChain(builder.blocks)
    const setup = await setUp()
    const late = new ChainPeer('late', chain)
    late.requestBlocks = async function* (hashes) {
      if (hashes.length > 0) throw new PeerError('peer-timed-out', 'Too late.')
      yield { kind: 'not-found', hash: new Uint8Array(32) }
    }
    add(setup, late)
    add(setup, new ChainPeer('steady', chain))
    await reached(setup, builder.tip.hash)
    expect(setup.penalties.entries).toContainEqual({ peer: 'late', reason: 'timeout', detail: 'Too late.' })
  })

  it('goes on with other peers when one does not have its blocks', async () => {
    const builder = built(40)
    const chain = await openChain(builder.blocks)
    const setup = await setUp()
    const pruned = new ChainPeer('pruned', chain)
    pruned.requestBlocks = async function* (hashes) {
      for (const hash of hashes) yield { kind: 'not-found', hash }
    }
    add(setup, pruned)
    add(setup, new ChainPeer('full', chain))
    await reached(setup, builder.tip.hash)
    expect(setup.penalties.entries).toEqual([])
  })

  it('stalls, and says so, when nobody has the blocks', async () => {
    const builder = built(3)
    const setup = await setUp()
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    const answered = new Promise<void>((resolve) => {
      peer.requestBlocks = async function* (hashes) {
        for (const hash of hashes) yield { kind: 'not-found', hash }
        setImmediate(resolve)
      }
    })
    add(setup, peer)
    await answered
    expect(setup.syncer.phase).toBe('stalled')
  })

  it('cancels its requests when it stops', async () => {
    const builder = built(3)
    const setup = await setUp()
    const peer = new ChainPeer('a', await openChain(builder.blocks))
    let cancelled = false
    const asked = new Promise<void>((resolve) => {
      peer.requestHeaders = (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            cancelled = true
            reject(new PeerError('cancelled', 'Never mind.'))
          })
          resolve()
        })
    })
    add(setup, peer)
    await asked
    await setup.syncer.stop()
    expect(cancelled).toBe(true)
    add(setup, peer)
    expect(setup.syncer.phase).toBe('no-peers')
  })
})

describe('a node that syncs', () => {
  it('serves others meanwhile', async () => {
    const builder = built(60)
    const source = new ChainPeer('source', await openChain(builder.blocks))
    const [middle, last] = [await setUp(), await setUp()]
    const half = builder.tip.ancestor(30).hash
    const served = reached(last, half)
    const serve = source.requestBlocks.bind(source)
    source.requestBlocks = async function* (hashes, options) {
      for await (const reply of serve(hashes, options)) {
        // The second half waits until somebody else has got the first one.
        if (this.sent > 30) await served
        yield reply
      }
    }
    const server = new ChainPeer('middle', middle.chain)
    middle.chain.subscribe(({ type }) => {
      if (type === 'tip-changed') last.syncer.updatePeer('middle', statusOf(middle.chain))
    })
    add(last, server)
    add(middle, source)
    await served
    expect(middle.chain.tip.height).toBeLessThan(60)
    await reached(last, builder.tip.hash)
    expect(server.sent).toBe(60)
  })

  it('goes on after a restart with the headers and blocks that it has', async () => {
    const builder = built(60)
    const full = await openChain(builder.blocks)
    const store = new MemoryChainStore()
    const first = await setUp([], {}, systemClock, store)
    const stuck = new ChainPeer('stuck', full)
    const serve = stuck.requestBlocks.bind(stuck)
    stuck.requestBlocks = async function* (hashes, options) {
      for await (const reply of serve(hashes, options)) {
        if (this.sent > 25)
          await new Promise((_, reject) => options.signal?.addEventListener('abort', reject))
        yield reply
      }
    }
    add(first, stuck)
    await reached(first, builder.tip.ancestor(25).hash)
    await first.syncer.stop()

    const again = await setUp([], {}, systemClock, store)
    expect([again.chain.tip.height, again.chain.bestHeader.height]).toEqual([25, 60])
    const peer = new ChainPeer('peer', full)
    add(again, peer)
    await reached(again, builder.tip.hash)
    expect(peer.sent).toBe(35)
  })

  it('asks a pruned peer for the last blocks only, and a light client for nothing', async () => {
    const builder = built(300)
    const full = await openChain(builder.blocks)
    const setup = await setUp()
    const [light, pruned] = [
      new ChainPeer('light', full),
      new ChainPeer('pruned', await openChain(builder.blocks)),
    ]
    await pruned.chain.prune(12)
    setup.syncer.addPeer(light, statusOf(full, serviceFlags.lightClients))
    expect(setup.syncer.peersAhead).toBe(0)
    setup.syncer.addPeer(pruned, statusOf(full, serviceFlags.pruned))
    const source = new ChainPeer('full', full)
    add(setup, source)
    await reached(setup, builder.tip.hash)
    expect(source.sent + pruned.sent).toBe(300)
    expect(source.sent).toBeGreaterThanOrEqual(14)
    expect(light.sent).toBe(0)
    expect(setup.penalties.entries).toEqual([])
  })
})

describe('a peer is penalised', () => {
  it('for a block that breaks a rule, and its branch is left', async () => {
    const builder = built(10)
    const honest = await openChain(built(1, builder.fork(), 7).blocks)
    const good = builder.fork()
    const spoiled = builder.mine({
      spoil: (block) => {
        const [coinbase] = block.transactions
        if (coinbase === undefined) return block
        const outputs = coinbase.outputs.map((output) => ({ ...output, value: output.value + 1n }))
        return { ...block, transactions: [{ ...coinbase, outputs }] }
      },
    })
    const liar = new ChainPeer('liar', await openChain(good.blocks))
    const blocks = [...good.blocks, spoiled]
    liar.requestHeaders = async () => ({ headers: blocks.map(({ header }) => encodeHeader(header)) })
    liar.requestBlocks = async function* (hashes) {
      for (const hash of hashes) {
        const block = blocks.find(({ header }) => equalBytes(blockHash(header), hash))
        yield block === undefined ? { kind: 'not-found', hash } : { kind: 'block', block: encodeBlock(block) }
      }
    }
    const setup = await setUp()
    add(setup, liar, liar.work + 2n)
    expect(await setup.penalties.first()).toMatchObject({ peer: 'liar', reason: 'invalid-block' })
    expect(setup.chain.tip.height).toBe(10)
    add(setup, new ChainPeer('honest', honest))
    await reached(setup, honest.tip.hash)
  })

  it('for a header that breaks a rule', async () => {
    const builder = built(3)
    const setup = await setUp()
    const peer = new ChainPeer('liar', await openChain(builder.blocks))
    const [first] = builder.blocks
    const header = encodeHeader({ ...(first as Block).header, bits: 0x1d00ffff })
    peer.requestHeaders = async () => ({ headers: [header] })
    add(setup, peer)
    expect(await setup.penalties.first()).toMatchObject({ peer: 'liar', reason: 'invalid-header' })
  })

  it('for announcing a header that breaks a rule', async () => {
    const builder = built(3)
    const setup = await setUp()
    const header = encodeHeader({ ...(builder.blocks[0] as Block).header, bits: 0x1d00ffff })
    await setup.syncer.announce('liar', header)
    expect(setup.penalties.entries).toMatchObject([{ peer: 'liar', reason: 'invalid-header' }])
  })

  it('for the same headers again and again, and its blocks are asked for meanwhile', async () => {
    const builder = built(2_000)
    const chain = await openChain(builder.blocks)
    const liar = new ChainPeer('liar', chain)
    liar.requestHeaders = async () => ({ headers: builder.blocks.map(({ header }) => encodeHeader(header)) })
    const setup = await setUp()
    add(setup, liar, 2n ** 255n)
    expect(await setup.penalties.first()).toMatchObject({ peer: 'liar', reason: 'broken-promise' })
    add(setup, new ChainPeer('honest', chain))
    await reached(setup, builder.tip.hash)
  })

  it('for headers that follow nothing we asked about', async () => {
    const builder = built(3)
    const setup = await setUp()
    const peer = new ChainPeer('liar', await openChain(builder.blocks))
    peer.requestHeaders = async () => ({ headers: [encodeHeader((builder.blocks[2] as Block).header)] })
    add(setup, peer)
    expect(await setup.penalties.first()).toMatchObject({ peer: 'liar', reason: 'protocol-violation' })
  })

  it.each([
    [
      'another block than the one asked for',
      (block: Uint8Array) => block.fill(1, 0, 4),
      'protocol-violation',
    ],
    ['bytes that are no block', (block: Uint8Array) => block.subarray(0, 90), 'invalid-block'],
    ['a damaged copy of a block', (block: Uint8Array) => block.fill(1, 200, 204), 'invalid-block'],
  ])('for %s', async (_, spoil, reason) => {
    const builder = built(3)
    const setup = await setUp()
    const chain = await openChain(builder.blocks)
    const liar = new ChainPeer('liar', chain)
    liar.requestBlocks = async function* (hashes, options) {
      const honest = new ChainPeer('', chain).requestBlocks(hashes, options)
      for await (const reply of honest) {
        yield reply.kind === 'block' ? { kind: 'block', block: spoil(reply.block.slice()) } : reply
      }
    }
    add(setup, liar)
    expect(await setup.penalties.first()).toMatchObject({ peer: 'liar', reason })
    expect(setup.chain.tip.height).toBe(0)
    add(setup, new ChainPeer('honest', chain))
    await reached(setup, builder.tip.hash)
  })
})

describe('sync over libp2p', () => {
  it('follows the chain of a peer', async () => {
    const builder = built(150)
    const chain = await openChain(builder.blocks)
    const { server, connection } = await connectLightHost()
    await handleHeaders(server, specId, ({ locator, stop }) => ({
      headers: chain.headersAfter(locator, stop).map(encodeHeader),
    }))
    await handleBlocks(server, specId, (hash) => {
      const node = chain.find(hash)
      return node === undefined ? undefined : chain.readBody(node)
    })
    const setup = await setUp()
    setup.syncer.addPeer(connectedSyncPeer(connection, specId), statusOf(chain))
    await reached(setup, builder.tip.hash)
    expect(setup.penalties.entries).toEqual([])
  })

  it('takes blocks from three peers at once, and what a slow one was asked for from the others', async () => {
    const builder = built(400)
    const chain = await openChain(builder.blocks)
    const client = await startHost({ listen: [] })
    const planner = new SyncPlanner({
      ...syncPlannerLimits,
      downloads: 3,
      patience: 100,
      longestPatience: 2_000,
    })
    const setup = await setUp([], { planner })
    const sent = { slow: new Set<Uint8Array>(), quick: new Set<Uint8Array>(), other: new Set<Uint8Array>() }
    for (const name of ['slow', 'quick', 'other'] as const) {
      const server = await startHost()
      await handleHeaders(server, specId, ({ locator, stop }) => ({
        headers: chain.headersAfter(locator, stop).map(encodeHeader),
      }))
      await handleBlocks(server, specId, async (hash) => {
        if (name === 'slow' && sent.slow.size === 3) await new Promise(() => undefined)
        sent[name].add(hash)
        return chain.readBody(chain.find(hash) as BlockNode)
      })
      const connection = await client.dial(server.getMultiaddrs())
      setup.syncer.addPeer(connectedSyncPeer(connection, specId), statusOf(chain))
    }
    await reached(setup, builder.tip.hash)
    expect(sent.slow.size).toBe(3)
    expect(sent.quick.size + sent.other.size).toBeGreaterThanOrEqual(397)
    expect(Math.min(sent.quick.size, sent.other.size)).toBeGreaterThan(16)
    expect(setup.penalties.entries).toEqual([])
  })

  it('leaves a peer that does not answer for another one', async () => {
    const builder = built(5)
    const chain = await openChain(builder.blocks)
    const { server, connection } = await connectLightHost()
    await handleHeaders(server, specId, () => new Promise(() => undefined))
    const timeouts = { 'get-headers': 50, 'get-blocks': 50 }
    const setup = await setUp([], { timeouts })
    const silent = connectedSyncPeer(connection, specId)
    setup.syncer.addPeer(silent, { ...statusOf(chain), work: chain.tip.chainWork + 1n })
    add(setup, new ChainPeer('honest', chain))
    await reached(setup, builder.tip.hash)
    expect(setup.penalties.entries[0]).toMatchObject({ peer: silent.id, reason: 'timeout' })
  })
})

/*
 *     g - 1 - … - 2,300              active
 *      \ 1'- … - 2,000'- … - 2,400'  a first answer of it has too little work
 */
describe('sync with a branch that begins far back', () => {
  const main = built(2_300)
  const better = built(2_400, ChainBuilder.create(), 1)

  it('moves to the branch when it turns out to have more work', async () => {
    const setup = await setUp(main.blocks)
    add(setup, new ChainPeer('a', await openChain(better.blocks)))
    await reached(setup, better.tip.hash)
    expect(setup.penalties.entries).toEqual([])
  })

  it('keeps nothing of a chain that has less work than was claimed', async () => {
    const weak = built(2_010, ChainBuilder.create(), 2)
    const setup = await setUp(main.blocks)
    const liar = new ChainPeer('liar', await openChain(weak.blocks))
    const answers: number[] = []
    const ask = liar.requestHeaders.bind(liar)
    const asked = new Promise<void>((resolve) => {
      liar.requestHeaders = async (request, options) => {
        const answer = await ask(request, options)
        answers.push(answer.headers.length)
        if (answers.length === 2) resolve()
        return answer
      }
    })
    add(setup, liar, better.tip.chainWork)
    await asked
    add(setup, new ChainPeer('honest', await openChain(better.blocks)))
    await reached(setup, better.tip.hash)
    expect(answers.slice(0, 2)).toEqual([2_000, 10])
    expect(setup.chain.find(weak.tip.ancestor(1).hash)).toBeUndefined()
  })

  it('penalises a peer that shows other headers the second time', async () => {
    const setup = await setUp(main.blocks)
    const peer = new ChainPeer('a', await openChain(better.blocks))
    const ask = peer.requestHeaders.bind(peer)
    peer.requestHeaders = async (request, options) => {
      const answer = await ask(request, options)
      return request.stop === undefined ? answer : { headers: answer.headers.slice(0, -1) }
    }
    const penalised = setup.penalties.first()
    add(setup, peer)
    expect(await penalised).toMatchObject({ peer: 'a', reason: 'protocol-violation' })
    expect(setup.chain.tip.hash).toEqual(main.tip.hash)
  })
})
