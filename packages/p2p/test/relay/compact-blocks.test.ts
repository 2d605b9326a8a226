import { ChainManager, MemoryChainStore } from '@chain/core/chain'
import { inlineVerifier, type SignatureVerifier } from '@chain/core/consensus'
import { Mempool } from '@chain/core/mempool'
import {
  type Block,
  blockHash,
  createCompactBlock,
  decodeBlockTransactionsRequest,
  decodeCompactBlock,
  encodeBlock,
  encodeBlockTransactions,
  encodeBlockTransactionsRequest,
  encodeCompactBlock,
  encodeHeader,
  type Transaction,
} from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import { encodeRelayMessage, type KnownRelayMessage, serviceFlags } from '@chain/wire'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { handleRelay, openRelay } from '../../src/protocols/relay.ts'
import { Relay } from '../../src/relay/relay.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'
import type { SyncPeer } from '../../src/sync/sync-peer.ts'
import { Syncer } from '../../src/sync/syncer.ts'
import { connectLightHost, specId } from '../hosts.ts'
import { lateClock, PenaltyBook, silentLog } from '../nodes.ts'
import type { MemoryLink } from './memory-link.ts'
import { getData, link, type RelayNode, type Speaker, speakTo, startNode } from './relay-nodes.ts'

/** A chain with 20 coins that can be spent. */
const base = ChainBuilder.create()
base.mineEmpty(120)
const payee = testKey('payee')
const payments = base
  .spendable()
  .map((coin) => base.spend([coin], [{ value: coin[1].output.value - 10_000n, scriptPubKey: payee.script }]))
const parent = base.tip

/** A block with these transactions, after the base. */
function mined(transactions: readonly Transaction[], extraNonce = 0): Block {
  return base.fork().mine({ transactions, extraNonce })
}

async function nodeWith(transactions: readonly Transaction[]): Promise<RelayNode> {
  const node = await startNode({ blocks: base.blocks })
  for (const transaction of transactions) await node.mempool.accept(transaction)
  return node
}

const hashOf = ({ header }: Block): Uint8Array => blockHash(header)

const header = (block: Block) => ({ kind: 'new-block', header: encodeHeader(block.header) }) as const

const compact = (block: Block, nonce = 7n) =>
  ({ kind: 'compact-block', block: encodeCompactBlock(createCompactBlock(block, nonce)) }) as const

const transactionsOf = (block: Block, indexes: readonly number[]) =>
  ({
    kind: 'block-transactions',
    answer: encodeBlockTransactions({
      block: hashOf(block),
      transactions: indexes.map((index) => block.transactions[index] as Transaction),
    }),
  }) as const

/** Resolves when the block is the tip. */
function reached({ chain }: RelayNode, block: Block): Promise<void> {
  const hash = hashOf(block).join()
  return new Promise((resolve) => {
    const look = (): void => {
      if (chain.tip.hash.join() === hash) resolve()
    }
    chain.subscribe(look)
    look()
  })
}

/** Connects to a node as a peer that understands compact blocks. */
async function speakCompact(node: RelayNode, name: string, highBandwidth = false): Promise<Speaker> {
  const speaker = await speakTo(node, name)
  await speaker.tell({ kind: 'compact-mode', highBandwidth })
  return speaker
}

/** Connects as a peer that is asked to send compact blocks unasked, since it has sent the block that is the tip then. */
async function speakTrusted(node: RelayNode, name: string, block: Block): Promise<Speaker> {
  const speaker = await speakCompact(node, name)
  await speaker.tell(header(block))
  await speaker.nextOf('get-compact-block')
  await speaker.tell(compact(block))
  expect(await speaker.nextOf('compact-mode')).toMatchObject({ highBandwidth: true })
  return speaker
}

/** Lets the node fetch whole blocks from somebody who has this one; resolves when it does. */
function serveWhole(node: RelayNode, block: Block): Promise<void> {
  return new Promise((resolve) => {
    const peer: SyncPeer = {
      id: 'server',
      requestHeaders: async () => ({ headers: [encodeHeader(block.header)] }),
      requestBlocks: async function* () {
        resolve()
        yield { kind: 'block', block: encodeBlock(block) } as const
      },
    }
    const { chainWork, height } = parent
    node.syncer.addPeer(peer, {
      work: chainWork + 100n,
      height: height + 100,
      services: serviceFlags.fullBlocks,
    })
  })
}

const kinds = ({ sent }: MemoryLink): string[] =>
  sent.map(({ kind }) => kind).filter((kind) => kind.includes('block') || kind === 'compact-mode')

describe('a block whose transactions are all known', () => {
  it('travels as a header and short ids: first when it is asked for, then unasked', async () => {
    const [miner, other] = [await nodeWith(payments), await nodeWith(payments)]
    const [atMiner, atOther] = link(miner, other)
    const thanked = new Promise<void>((resolve) => void other.syncer.subscribe(() => resolve()))
    const builder = base.fork()
    const first = builder.mine({ transactions: payments.slice(0, 10) })
    await miner.chain.acceptBlock(first)
    await thanked
    expect(kinds(atMiner)).toEqual(['compact-mode', 'new-block', 'new-block', 'compact-block'])
    expect(kinds(atOther).slice(0, 4)).toEqual([
      'compact-mode',
      'new-block',
      'get-compact-block',
      'compact-mode',
    ])
    expect(atOther.sent.filter(({ kind }) => kind === 'compact-mode').at(-1)).toMatchObject({
      highBandwidth: true,
    })
    expect([miner.credits, other.credits]).toEqual([[], ['a block']])

    const before = atMiner.sent.length
    const second = builder.mine({ transactions: payments.slice(10) })
    await miner.chain.acceptBlock(second)
    await reached(other, second)
    const sent = atMiner.sent.slice(before).filter(({ kind }) => kind.includes('block'))
    expect(sent.map(({ kind }) => kind)).toEqual(['compact-block'])
    const coinbase =
      encodeBlock({ header: second.header, transactions: second.transactions.slice(0, 1) }).length - 81
    const count = second.transactions.length - 1
    // Header, nonce, two counts, 6 bytes for each transaction, and the coinbase with its place.
    const [message] = sent as [KnownRelayMessage & { kind: 'compact-block' }]
    expect(message.block).toHaveLength(80 + 8 + 1 + 6 * count + 1 + 1 + coinbase)
    expect(encodeRelayMessage(message).length).toBeLessThan(encodeBlock(second).length / 4)
    expect([...miner.penalties.entries, ...other.penalties.entries]).toEqual([])
  })

  it('works over libp2p', async () => {
    const [a, b] = [await nodeWith(payments), await nodeWith(payments)]
    const pair = await connectLightHost()
    await handleRelay(pair.server, specId, (channel) => {
      void b.relay.addPeer(channel.peer.toString(), channel, 'inbound')
    })
    const channel = await openRelay(pair.connection, specId)
    void a.relay.addPeer(channel.peer.toString(), channel, 'outbound')
    const builder = base.fork()
    for (const transactions of [payments.slice(0, 10), payments.slice(10)]) {
      const block = builder.mine({ transactions })
      await b.chain.acceptBlock(block)
      await reached(a, block)
    }
    expect([...a.penalties.entries, ...b.penalties.entries]).toEqual([])
  })
})

describe('a block of which some transactions are missing', () => {
  it('is put together with those that whoever sent it is asked for', async () => {
    const node = await nodeWith(payments.slice(0, 5))
    const block = mined(payments.slice(0, 8))
    const peer = await speakCompact(node, 'peer')
    await peer.tell(header(block))
    expect(await peer.nextOf('get-compact-block')).toEqual({ kind: 'get-compact-block', hash: hashOf(block) })
    await peer.tell(compact(block))
    const { request } = await peer.nextOf('get-block-transactions')
    const { indexes } = decodeBlockTransactionsRequest(request)
    expect(indexes).toHaveLength(3)
    await peer.tell(transactionsOf(block, indexes))
    await reached(node, block)
    expect(node.penalties.entries).toEqual([])
  })

  it('is put together from transactions that were replaced, too', async () => {
    const [coin] = base.spendable()
    if (coin === undefined) throw new Error('There is a coin to spend.')
    const dearer = base.spend([coin], [{ value: coin[1].output.value - 90_000n, scriptPubKey: payee.script }])
    const node = await nodeWith([payments[0] as Transaction, dearer])
    const block = mined(payments.slice(0, 1))
    const peer = await speakCompact(node, 'peer')
    await peer.tell(header(block))
    await peer.nextOf('get-compact-block')
    await peer.tell(compact(block))
    await reached(node, block)
    expect(peer.heard.map(({ kind }) => kind)).not.toContain('get-block-transactions')
  })

  it('is fetched whole when the peer does not give them', async () => {
    const node = await nodeWith(payments.slice(0, 1))
    const block = mined(payments.slice(0, 2))
    const peer = await speakCompact(node, 'peer')
    await peer.tell(header(block))
    await peer.nextOf('get-compact-block')
    const whole = serveWhole(node, block)
    await peer.tell(compact(block))
    await peer.nextOf('get-block-transactions')
    await peer.tell({ kind: 'no-compact-block', hash: hashOf(block) })
    await whole
    await reached(node, block)
    expect(node.penalties.entries).toEqual([])
  })

  it('is fetched whole when the peer leaves, or is silent for the time of a hold', async () => {
    for (const leaves of [true, false]) {
      const node = await nodeWith(payments.slice(0, 1))
      const block = mined(payments.slice(0, 2))
      const peer = await speakCompact(node, 'peer')
      await peer.tell(header(block))
      await peer.nextOf('get-compact-block')
      const whole = serveWhole(node, block)
      if (leaves) await peer.close()
      await whole
      await reached(node, block)
      expect(node.penalties.entries).toEqual([])
    }
  })

  it('costs a peer points that leaves the question open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const node = await nodeWith(payments.slice(0, 1))
    const block = mined(payments.slice(0, 2))
    const peer = await speakCompact(node, 'peer')
    await peer.tell(header(block))
    await peer.nextOf('get-compact-block')
    vi.advanceTimersByTime(relayLimits.compactTimeout)
    expect(node.penalties.entries).toMatchObject([{ peer: 'peer', reason: 'timeout' }])
  })

  it('is asked for from no more than three peers at a time', async () => {
    const trusted = mined(payments.slice(0, 1))
    const node = await nodeWith(payments.slice(0, 1))
    const speakers: Speaker[] = []
    const builder = base.fork()
    expect(hashOf(builder.mine({ transactions: payments.slice(0, 1) }))).toEqual(hashOf(trusted))
    speakers.push(await speakTrusted(node, 'a', trusted))
    for (const [index, name] of ['b', 'c'].entries()) {
      const payment = payments[index + 1] as Transaction
      await node.mempool.accept(payment)
      speakers.push(await speakTrusted(node, name, builder.mine({ transactions: [payment] })))
    }
    const last = payments[4] as Transaction
    await node.mempool.accept(last)
    const fourth = await speakTrusted(node, 'd', builder.mine({ transactions: [last] }))
    // The first had to make room for the fourth, but may not have heard of it yet.
    expect(await speakers[0]?.nextOf('compact-mode')).toMatchObject({ highBandwidth: false })
    const block = builder.mine({ transactions: payments.slice(8) })
    for (const speaker of [...speakers, fourth]) {
      await speaker.tell(compact(block))
      await speaker.tell({ kind: 'get-compact-block', hash: new Uint8Array(32) })
      await speaker.nextOf('no-compact-block')
    }
    const asked = [...speakers, fourth].map(({ heard }) =>
      heard.some(({ kind }) => kind === 'get-block-transactions'),
    )
    expect(asked).toEqual([true, true, true, false])
    await fourth.tell(transactionsOf(block, []))
    expect(await node.penalties.first()).toMatchObject({ peer: 'd', reason: 'unrequested-data' })
  })
})

describe('a peer that is not among the last three that gave us a block any more', () => {
  it('may send compact blocks unasked for a short while only', async () => {
    let now = 0
    const node = await startNode({ blocks: base.blocks, clock: { ...systemClock, now: () => now } })
    const builder = base.fork()
    const speakers: Speaker[] = []
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
      const payment = payments[index] as Transaction
      await node.mempool.accept(payment)
      speakers.push(await speakTrusted(node, name, builder.mine({ transactions: [payment] })))
    }
    const [former, , , last] = speakers as [Speaker, Speaker, Speaker, Speaker]
    expect(await former.nextOf('compact-mode')).toMatchObject({ highBandwidth: false })
    const block = builder.mine({ transactions: payments.slice(4, 6) })
    now = relayLimits.unaskedGrace - 1
    await former.tell(compact(block))
    await former.nextOf('get-block-transactions')
    expect(node.penalties.entries).toEqual([])
    now = relayLimits.unaskedGrace
    await former.tell(compact(block))
    expect(await node.penalties.first()).toMatchObject({ peer: 'a', reason: 'unrequested-data' })
    await last.tell(compact(block))
    await last.nextOf('get-block-transactions')
    expect(node.penalties.entries).toHaveLength(1)
  })
})

describe('a peer that sends many compact blocks that lack transactions', () => {
  it('is asked for those of a bounded number, and holds back no other block', async () => {
    const trusted = mined(payments.slice(0, 1))
    const node = await nodeWith(payments.slice(0, 1))
    const peer = await speakTrusted(node, 'flooder', trusted)
    const builder = base.fork()
    builder.mine({ transactions: payments.slice(0, 1) })
    const siblings = Array.from({ length: relayLimits.compactBlocks + 4 }, (_, extraNonce) =>
      builder.fork().mine({ transactions: payments.slice(1, 2), extraNonce }),
    )
    for (const block of siblings) await peer.tell(compact(block))
    await peer.tell({ kind: 'get-compact-block', hash: new Uint8Array(32) })
    await peer.nextOf('no-compact-block')
    const asked = peer.heard.filter(({ kind }) => kind === 'get-block-transactions')
    expect(asked).toHaveLength(relayLimits.compactBlocks)
    const last = siblings.at(-1) as Block
    await serveWhole(node, last)
    await peer.close()
    expect(node.penalties.entries).toEqual([])
  })

  it('has them taken for headers when they are too many for their time', async () => {
    const clock = { ...systemClock, now: () => 0 }
    const node = await startNode({ blocks: base.blocks, clock })
    await node.mempool.accept(payments[0] as Transaction)
    const trusted = mined(payments.slice(0, 1))
    const peer = await speakTrusted(node, 'flooder', trusted)
    for (let count = 0; count < relayLimits.compactBurst; count++) await peer.tell(compact(trusted))
    const builder = base.fork()
    builder.mine({ transactions: payments.slice(0, 1) })
    const block = builder.mine()
    await peer.tell(compact(block))
    await peer.tell(getData(payments[1] as Transaction))
    await peer.nextOf('not-found')
    expect(node.chain.bestHeader.hash).toEqual(hashOf(block))
    expect(node.chain.tip.hash).toEqual(hashOf(trusted))
    expect(node.penalties.entries).toEqual([])
  })
})

describe('a compact block of which much is missing', () => {
  /** A compact form of which nothing can be known here. */
  function unknown(block: Block, nonce: bigint): KnownRelayMessage {
    const { header: top, prefilled } = createCompactBlock(block, nonce)
    const shortIds = Array.from({ length: relayLimits.compactMissing + 1 }, (_, index) => index)
    return { kind: 'compact-block', block: encodeCompactBlock({ header: top, nonce, shortIds, prefilled }) }
  }

  it('makes a node look through what waits once for each peer', async () => {
    const trusted = mined(payments.slice(0, 1))
    const node = await nodeWith(payments.slice(0, 2))
    const peer = await speakTrusted(node, 'flooder', trusted)
    const builder = base.fork()
    builder.mine({ transactions: payments.slice(0, 1) })
    const block = builder.mine({ transactions: payments.slice(1, 2) })
    const looks = vi.spyOn(node.mempool, 'entries')
    for (let nonce = 0n; nonce < 5n; nonce++) await peer.tell(unknown(block, nonce))
    await peer.tell({ kind: 'get-compact-block', hash: new Uint8Array(32) })
    await peer.nextOf('no-compact-block')
    expect(looks).toHaveBeenCalledTimes(1)
  })

  it('lets others have their turn while much that waits is looked through', async () => {
    const trusted = mined(payments.slice(0, 1))
    const pauses: number[] = []
    const setTimer = (milliseconds: number, fire: () => void) => {
      pauses.push(milliseconds)
      return systemClock.setTimer(milliseconds, fire)
    }
    const node = await startNode({ blocks: base.blocks, clock: { ...systemClock, setTimer } })
    for (const payment of payments.slice(0, 2)) await node.mempool.accept(payment)
    const peer = await speakTrusted(node, 'peer', trusted)
    const entries = Array.from({ length: 5_000 }, () => [...node.mempool.entries()]).flat()
    vi.spyOn(node.mempool, 'entries').mockReturnValue(entries)
    const builder = base.fork()
    builder.mine({ transactions: payments.slice(0, 1) })
    await peer.tell(compact(builder.mine({ transactions: payments.slice(2, 3) })))
    await peer.nextOf('get-block-transactions')
    expect(pauses.filter((pause) => pause === 0)).toHaveLength(2)
  })
})

describe('a short id that stands for two transactions', () => {
  it('makes a node fetch the block whole, and is nobody’s fault', async () => {
    const node = await nodeWith(payments.slice(0, 2))
    const block = mined(payments.slice(0, 3))
    const peer = await speakCompact(node, 'peer')
    const { shortIds, ...others } = createCompactBlock(block, 1n)
    const [first = 0] = shortIds
    await peer.tell(header(block))
    await peer.nextOf('get-compact-block')
    const whole = serveWhole(node, block)
    const bytes = encodeCompactBlock({ ...others, shortIds: shortIds.map(() => first) })
    await peer.tell({ kind: 'compact-block', block: bytes })
    await whole
    await reached(node, block)
    expect(node.penalties.entries).toEqual([])
  })

  it('so that another one is put in its place makes a node fetch the block whole', async () => {
    const node = await nodeWith(payments.slice(0, 3))
    const block = mined(payments.slice(0, 3))
    const peer = await speakCompact(node, 'peer')
    const { shortIds, ...others } = createCompactBlock(block, 1n)
    await peer.tell(header(block))
    await peer.nextOf('get-compact-block')
    const whole = serveWhole(node, block)
    // Transactions of ours that the block does not have in these places.
    const bytes = encodeCompactBlock({ ...others, shortIds: [...shortIds].reverse() })
    await peer.tell({ kind: 'compact-block', block: bytes })
    await whole
    await reached(node, block)
    expect(node.penalties.entries).toEqual([])
  })
})

describe('a block that was checked but for its coins', () => {
  it('is passed on before it is connected, to peers that want it', async () => {
    const gate = Promise.withResolvers<void>()
    const verifier: SignatureVerifier = {
      name: 'gated',
      findInvalid: async (checks) => {
        if (checks.length > 0) await gate.promise
        return inlineVerifier.findInvalid(checks)
      },
    }
    const store = new MemoryChainStore()
    const chain = await ChainManager.open(base.spec, { store, verifier, clock: lateClock })
    for (const block of base.blocks) await chain.acceptBlock(block)
    const mempool = new Mempool({ chain, verifier, clock: lateClock })
    const { penalise } = new PenaltyBook()
    const parts = { chain, penalise, clock: systemClock, log: silentLog }
    const syncer = new Syncer(parts)
    const relay = new Relay({ ...parts, mempool, sync: syncer, random: Math.random })
    onTestFinished(async () => {
      await relay.stop()
      await syncer.stop()
    })
    const node = { chain, mempool, syncer, relay, penalties: new PenaltyBook(), credits: [] }
    const eager = await speakCompact(node, 'eager', true)
    const plain = await speakCompact(node, 'plain')
    const block = mined(payments.slice(0, 2))
    const accepted = chain.acceptBlock(block)
    const { block: bytes } = await eager.nextOf('compact-block')
    expect(chain.tip.height).toBe(parent.height)
    const request = encodeBlockTransactionsRequest({ block: hashOf(block), indexes: [2] })
    await eager.tell({ kind: 'get-block-transactions', request })
    expect(await eager.nextOf('block-transactions')).toEqual(transactionsOf(block, [2]))
    gate.resolve()
    await accepted
    expect(await plain.nextOf('new-block')).toEqual(header(block))
    expect(encodeHeader(decodeCompactBlock(bytes).header)).toEqual(encodeHeader(block.header))
    expect(eager.heard.filter(({ kind }) => kind === 'new-block')).toHaveLength(1)
  })

  it('costs nobody points when its signatures turn out to be wrong', async () => {
    const [first, second] = payments as [Transaction, Transaction]
    const node = await nodeWith([first, second])
    const bad = mined([{ ...first, lockTime: 1 }])
    const peer = await speakCompact(node, 'peer')
    await peer.tell(header(bad))
    await peer.nextOf('get-compact-block')
    const invalid = new Promise((resolve) => {
      node.chain.subscribe((event) => {
        if (event.type === 'block-invalid') resolve(event.error.code)
      })
    })
    await peer.tell(compact(bad))
    await peer.nextOf('get-block-transactions')
    await peer.tell(transactionsOf(bad, [1]))
    expect(await invalid).toBe('input-signature-invalid')
    expect(node.penalties.entries).toEqual([])
    expect(peer.heard).not.toContainEqual({ kind: 'compact-mode', highBandwidth: true })
  })

  it('costs nobody points who passes it on when its signatures are known to be wrong already', async () => {
    const [first, second] = payments as [Transaction, Transaction]
    const node = await nodeWith([first, second])
    const good = base.fork()
    const block = good.mine({ transactions: [first] })
    const late = await speakTrusted(node, 'late', block)
    const bad = good.mine({ transactions: [{ ...second, lockTime: 1 }] })
    await node.chain.acceptBlock(bad)
    expect(node.chain.find(hashOf(bad))?.failed).toBe(true)
    await late.tell(compact(bad))
    await late.tell({ kind: 'get-compact-block', hash: hashOf(block) })
    await late.nextOf('compact-block')
    expect(node.penalties.entries).toEqual([])
  })

  it('costs whoever sent it points when it breaks a rule that needs no coins', async () => {
    const node = await nodeWith(payments.slice(0, 1))
    const bad = base.fork().mine({
      transactions: payments.slice(0, 1),
      spoil: ({ header: top, transactions: [coinbase, ...others] }) => ({
        header: top,
        transactions: [coinbase, { ...coinbase, lockTime: 1 }, ...others] as Transaction[],
      }),
    })
    const peer = await speakCompact(node, 'liar')
    await peer.tell(header(bad))
    await peer.nextOf('get-compact-block')
    const { header: top, nonce } = createCompactBlock(bad, 1n)
    const prefilled = bad.transactions.map((transaction, index) => ({ index, transaction }))
    const bytes = encodeCompactBlock({ header: top, nonce, shortIds: [], prefilled })
    await peer.tell({ kind: 'compact-block', block: bytes })
    expect(await node.penalties.first()).toMatchObject({ peer: 'liar', reason: 'invalid-block' })
    expect(node.chain.tip.height).toBe(parent.height)
  })
})

describe('a peer is penalised', () => {
  it.each([
    [
      'for bytes that are no compact block',
      { kind: 'compact-block', block: new Uint8Array(90) },
      'unrequested-data',
    ],
    ['for a compact block that nobody asked for', compact(mined([])), 'unrequested-data'],
    ['for transactions that nobody asked for', transactionsOf(mined([]), [0]), 'unrequested-data'],
    [
      'for a question that is none',
      { kind: 'get-block-transactions', request: new Uint8Array(33).fill(0xff) },
      'protocol-violation',
    ],
    [
      'for a question about transactions that a block does not have',
      {
        kind: 'get-block-transactions',
        request: encodeBlockTransactionsRequest({ block: parent.hash, indexes: [0, 1] }),
      },
      'protocol-violation',
    ],
  ] satisfies [string, KnownRelayMessage, string][])('%s', async (_, message, reason) => {
    const node = await nodeWith([])
    const peer = await speakCompact(node, 'liar')
    await peer.tell(message)
    expect(await node.penalties.first()).toMatchObject({ peer: 'liar', reason })
  })

  it('for other transactions than it was asked for', async () => {
    const node = await nodeWith(payments.slice(0, 1))
    const block = mined(payments.slice(0, 3))
    const peer = await speakCompact(node, 'liar')
    await peer.tell(header(block))
    await peer.nextOf('get-compact-block')
    await peer.tell(compact(block))
    await peer.nextOf('get-block-transactions')
    await peer.tell(transactionsOf(block, [0, 1]))
    expect(await node.penalties.first()).toMatchObject({ peer: 'liar', reason: 'protocol-violation' })
  })

  it('for the compact form of a header without work', async () => {
    const node = await nodeWith(payments.slice(0, 1))
    const trusted = mined(payments.slice(0, 1))
    const peer = await speakTrusted(node, 'liar', trusted)
    const cheap = { ...trusted, header: { ...trusted.header, parent: hashOf(trusted), bits: 0x1d00ffff } }
    await peer.tell(compact(cheap))
    expect(await node.penalties.first()).toMatchObject({ peer: 'liar', reason: 'invalid-header' })
  })
})

describe('who asks for blocks', () => {
  it('gets the compact form of the last ones, and transactions of a few more', async () => {
    const node = await nodeWith([])
    const peer = await speakCompact(node, 'peer')
    const at = (depth: number): Block => base.blocks.at(-1 - depth) as Block
    for (const depth of [0, relayLimits.compactDepth - 1]) {
      await peer.tell({ kind: 'get-compact-block', hash: hashOf(at(depth)) })
      expect(decodeCompactBlock((await peer.nextOf('compact-block')).block).shortIds).toEqual([])
    }
    const last = relayLimits.blockTransactionsDepth - 1
    const ask = (depth: number) => {
      const request = encodeBlockTransactionsRequest({ block: hashOf(at(depth)), indexes: [0] })
      return peer.tell({ kind: 'get-block-transactions', request })
    }
    await ask(last)
    expect(await peer.nextOf('block-transactions')).toEqual(transactionsOf(at(last), [0]))
    await peer.tell({ kind: 'get-compact-block', hash: hashOf(at(relayLimits.compactDepth)) })
    expect(await peer.nextOf('no-compact-block')).toMatchObject({
      hash: hashOf(at(relayLimits.compactDepth)),
    })
    await ask(last + 1)
    expect(await peer.nextOf('no-compact-block')).toMatchObject({ hash: hashOf(at(last + 1)) })
    expect(node.penalties.entries).toEqual([])
  })

  it('too often is refused, and loses nothing for it', async () => {
    const node = await startNode({
      blocks: base.blocks.slice(0, -1),
      clock: { ...systemClock, now: () => 0 },
    })
    const peer = await speakCompact(node, 'peer')
    await node.chain.acceptBlock(base.blocks.at(-1) as Block)
    await peer.nextOf('new-block')
    for (let count = 0; count <= relayLimits.compactBurst; count++) {
      await peer.tell({ kind: 'get-compact-block', hash: parent.hash })
      const last = count === relayLimits.compactBurst ? 'no-compact-block' : 'compact-block'
      expect(await peer.next()).toMatchObject({ kind: last })
    }
    expect(node.penalties.entries).toEqual([])
  })
})

describe('a node without waiting transactions', () => {
  it('asks whoever gave it a whole block to send the next ones unasked', async () => {
    const node = await nodeWith([])
    const block = mined(payments.slice(0, 2))
    const peer = await speakCompact(node, 'server')
    await serveWhole(node, block)
    expect(await peer.nextOf('compact-mode')).toMatchObject({ highBandwidth: true })
    expect(node.credits).toEqual(['server block'])
  })

  it('fetches blocks whole, since it could put none together', async () => {
    const node = await nodeWith([])
    const block = mined(payments.slice(0, 2))
    const peer = await speakCompact(node, 'peer')
    const whole = serveWhole(node, block)
    await peer.tell(header(block))
    await whole
    await reached(node, block)
    expect(peer.heard.map(({ kind }) => kind)).not.toContain('get-compact-block')
  })
})
