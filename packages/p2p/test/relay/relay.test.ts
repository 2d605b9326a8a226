import { type Block, encodeHeader, type OutPoint, type Transaction, txid } from '@chain/core/primitives'
import { ChainBuilder, testKey } from '@chain/core/testing'
import type { KnownRelayMessage, RelayMessage } from '@chain/wire'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { PeerError } from '../../src/errors.ts'
import { handleRelay, openRelay } from '../../src/protocols/relay.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'
import { connectLightHost, specId } from '../hosts.ts'
import { VirtualTime } from '../sync/virtual-time.ts'
import { linkPair, type MemoryLink } from './memory-link.ts'
import {
  arrival,
  getData,
  inventory,
  link,
  type RelayNode,
  type RelayNodeOptions,
  raw,
  speakTo,
  startNode as startBareNode,
} from './relay-nodes.ts'

/** A chain with coins that can be spent. */
const builder = ChainBuilder.create()
beforeAll(() => {
  builder.mineEmpty(110)
})

const payee = testKey('payee')

/** Spends the builder's coin number `index` with a fee. */
function payment(index: number, fee = 10_000n): Transaction {
  const coin = builder.spendable()[index]
  if (coin === undefined) throw new Error('There is no such coin.')
  return builder.spend([coin], [{ value: coin[1].output.value - fee, scriptPubKey: payee.script }])
}

/** Spends the output of a transaction that pays the payee. */
function child(parent: Transaction): Transaction {
  const output = parent.outputs[0] as Transaction['outputs'][number]
  const outpoint: OutPoint = { txid: txid(parent), index: 0 }
  return builder.spend(
    [[outpoint, { output, height: 0, isCoinbase: false }]],
    [{ value: output.value - 10_000n, scriptPubKey: payee.script }],
    { key: payee },
  )
}

/** A node that has the builder's blocks. */
const startNode = (options: RelayNodeOptions = {}): Promise<RelayNode> =>
  startBareNode({ blocks: builder.blocks, ...options })

describe('a transaction', () => {
  it('travels along a line of nodes, once over each link', async () => {
    const nodes = [await startNode(), await startNode(), await startNode()] as const
    const links = [link(nodes[0], nodes[1]), link(nodes[1], nodes[2])]
    const transaction = payment(0)
    const arrived = arrival(nodes[2], txid(transaction))
    await nodes[0].mempool.accept(transaction)
    await arrived
    const sent = links.flat().flatMap((end) => end.sent.map(({ kind }) => kind))
    expect(sent.filter((kind) => kind === 'inventory')).toHaveLength(2)
    expect(sent.filter((kind) => kind === 'transaction')).toHaveLength(2)
    expect(nodes.flatMap(({ penalties }) => penalties.entries)).toEqual([])
    expect([nodes[0].credits, nodes[1].credits]).toEqual([[], ['a transaction']])
  })

  it('that waits already is announced to a peer that comes', async () => {
    const [old, young] = [await startNode(), await startNode()]
    const transactions = [payment(0), payment(1)]
    for (const transaction of transactions) await old.mempool.accept(transaction)
    link(old, young)
    for (const transaction of transactions) await arrival(young, txid(transaction))
  })

  it('announced by two is asked from one, and from the other when the first does not have it', async () => {
    const node = await startNode()
    const [first, second] = [await speakTo(node, 'first'), await speakTo(node, 'second')]
    const transaction = payment(0)
    await first.tell(inventory(transaction))
    expect(await first.next()).toEqual(getData(transaction))
    await second.tell(inventory(transaction))
    await first.tell({ kind: 'not-found', transactions: [txid(transaction)] })
    expect(await second.next()).toEqual(getData(transaction))
    await second.tell(raw(transaction))
    await arrival(node, txid(transaction))
  })

  it('announced by two is asked from the other when the first is gone', async () => {
    const node = await startNode()
    const [first, second] = [await speakTo(node, 'first'), await speakTo(node, 'second')]
    const transaction = payment(0)
    await first.tell(inventory(transaction))
    expect(await first.next()).toEqual(getData(transaction))
    await second.tell(inventory(transaction))
    await first.close()
    expect(await second.next()).toEqual(getData(transaction))
  })

  it('is asked from another who announced it when one sends it with a false witness', async () => {
    const node = await startNode()
    const transaction = payment(0)
    const inputs = transaction.inputs.map((input) => ({ ...input, witness: [new Uint8Array(64)] }))
    const [liar, honest] = [await speakTo(node, 'liar'), await speakTo(node, 'honest')]
    await liar.tell(inventory(transaction))
    await liar.nextOf('get-data')
    await honest.tell(inventory(transaction))
    await honest.tell({ kind: 'get-data', transactions: [txid(transaction)] })
    await honest.nextOf('not-found')
    await liar.tell(raw({ ...transaction, inputs }))
    expect(await honest.nextOf('get-data')).toEqual(getData(transaction))
    await honest.tell(raw(transaction))
    await arrival(node, txid(transaction))
    expect(node.penalties.entries.map(({ peer }) => peer)).toEqual(['liar'])
  })

  it('is not asked for when it is here', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'peer')
    const [here, wanted] = [payment(0), payment(1)]
    await node.mempool.accept(here)
    await peer.tell(inventory(here, wanted))
    expect(await peer.next()).toEqual(getData(wanted))
  })

  it('is asked for although a few blocks are missing, which somebody may withhold', async () => {
    const node = await startNode()
    const branch = builder.fork()
    branch.mineEmpty(relayLimits.transactionReach)
    await node.chain.acceptHeaders(
      branch.blocks.slice(-relayLimits.transactionReach).map(({ header }) => header),
    )
    expect(node.chain.bestHeader.height).toBe(node.chain.tip.height + relayLimits.transactionReach)
    const peer = await speakTo(node, 'peer')
    await peer.tell(inventory(payment(0)))
    expect(await peer.next()).toEqual(getData(payment(0)))
  })

  it('is not asked for while many blocks are missing', async () => {
    const node = await startNode({ blocks: builder.blocks.slice(0, 50) })
    await node.chain.acceptHeaders(builder.blocks.slice(50).map(({ header }) => header))
    const peer = await speakTo(node, 'peer')
    await peer.tell(inventory(payment(0)))
    await peer.tell(getData(payment(1)))
    expect(await peer.next()).toEqual({ kind: 'not-found', transactions: [txid(payment(1))] })
  })

  it('is sent to who asks for it, and what is not here is said not to be', async () => {
    const node = await startNode()
    const [here, other] = [payment(0), payment(1)]
    await node.mempool.accept(here)
    const peer = await speakTo(node, 'peer')
    expect(await peer.next()).toEqual(inventory(here))
    await peer.tell(getData(other, here))
    expect(await peer.next()).toEqual(raw(here))
    expect(await peer.next()).toEqual({ kind: 'not-found', transactions: [txid(other)] })
  })

  it('that pays less than a peer wants is not announced to it', async () => {
    const rich = await startNode({ limits: { minimumFeeRate: 100_000n } })
    const poor = await startNode()
    const [atPoor] = link(poor, rich)
    const [low, high] = [payment(0, 5_000n), payment(1, 50_000n)]
    await poor.mempool.accept(low)
    await poor.mempool.accept(high)
    await arrival(rich, txid(high))
    expect(atPoor.sent.filter(({ kind }) => kind === 'inventory')).toEqual([inventory(high)])
  })

  it('waits for those it spends, which are asked for', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'peer')
    const parent = payment(0)
    const orphan = child(parent)
    const grandchild = child(orphan)
    await peer.tell(inventory(grandchild))
    for (const each of [grandchild, orphan, parent]) {
      expect(await peer.next()).toEqual(getData(each))
      await peer.tell(raw(each))
    }
    for (const each of [parent, orphan, grandchild]) await arrival(node, txid(each))
    expect(node.penalties.entries).toEqual([])
  })

  it('waits for a block that makes what it spends, too', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'peer')
    const parent = payment(0)
    const orphan = child(parent)
    await peer.tell(inventory(orphan))
    await peer.nextOf('get-data')
    await peer.tell(raw(orphan))
    expect(await peer.nextOf('get-data')).toEqual(getData(parent))
    await node.chain.acceptBlock(builder.fork().mine({ transactions: [parent] }))
    await arrival(node, txid(orphan))
    expect(node.penalties.entries).toEqual([])
  })

  /** A node that waits for what a transaction spends, which came with a false witness from one of two who announced it. */
  async function startDeceived(transaction: Transaction) {
    const node = await startNode()
    const [liar, honest] = [await speakTo(node, 'liar'), await speakTo(node, 'honest')]
    await liar.tell(inventory(transaction))
    await liar.nextOf('get-data')
    await honest.tell(inventory(transaction))
    await honest.tell({ kind: 'get-data', transactions: [txid(transaction)] })
    await honest.nextOf('not-found')
    const inputs = transaction.inputs.map((input) => ({ ...input, witness: [new Uint8Array(64)] }))
    await liar.tell(raw({ ...transaction, inputs }))
    return { node, liar, honest }
  }

  it('that waited with a false witness is asked from another who announced it, as is what it spends', async () => {
    const parent = payment(0)
    const orphan = child(parent)
    const { node, liar, honest } = await startDeceived(orphan)
    expect(await liar.nextOf('get-data')).toEqual(getData(parent))
    await liar.tell({ kind: 'not-found', transactions: [txid(parent)] })
    for (const each of [parent, orphan]) {
      expect(await honest.nextOf('get-data')).toEqual(getData(each))
      await honest.tell(raw(each))
    }
    await arrival(node, txid(orphan))
    expect(node.penalties.entries.map(({ peer }) => peer)).toEqual(['liar'])
  })

  it('that waited with a false witness is asked from another when a block makes what it spends', async () => {
    const parent = payment(0)
    const orphan = child(parent)
    const { node, liar, honest } = await startDeceived(orphan)
    expect(await liar.nextOf('get-data')).toEqual(getData(parent))
    await node.chain.acceptBlock(builder.fork().mine({ transactions: [parent] }))
    expect(await honest.nextOf('get-data')).toEqual(getData(orphan))
  })

  it('that waits is asked from another who announced it when the one that sent it is gone', async () => {
    const orphan = child(payment(0))
    const { liar, honest } = await startDeceived(orphan)
    await liar.nextOf('get-data')
    await liar.close()
    const asked = [await honest.nextOf('get-data'), await honest.nextOf('get-data')]
    expect(asked).toContainEqual(getData(orphan))
    expect(asked).toContainEqual(getData(payment(0)))
  })

  it('is not given to who was told of nothing since it came', async () => {
    const node = await startNode({ random: () => 0.999_999 })
    const peer = await speakTo(node, 'spy')
    const own = payment(0)
    await node.mempool.accept(own)
    await peer.tell(getData(own))
    expect(await peer.next()).toMatchObject({ kind: 'not-found' })
    await peer.tell(inventory(own))
    await peer.tell(getData(own))
    expect(await peer.next()).toMatchObject({ kind: 'not-found' })
  })

  it('that breaks a policy is nobody’s fault', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'peer')
    const [cheap, next] = [payment(0, 1n), payment(1)]
    await peer.tell(inventory(cheap, next))
    await peer.next()
    await peer.tell(raw(cheap))
    await peer.tell(raw(next))
    await arrival(node, txid(next))
    expect(node.penalties.entries).toEqual([])
  })
})

describe('a transaction that was handed in here', () => {
  it('is announced again until a peer asks for it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const node = await startNode({ random: () => 0.5 })
    const peer = await speakTo(node, 'peer')
    const [own, other] = [payment(0), payment(1)]
    for (const transaction of [own, other]) await node.mempool.accept(transaction)
    node.mempool.addUnbroadcast(txid(own))
    const announced = (): readonly Uint8Array[] =>
      peer.heard.flatMap((message) => (message.kind === 'inventory' ? message.transactions : []))
    vi.advanceTimersByTime(1_000)
    expect(announced()).toHaveLength(2)
    vi.advanceTimersByTime(relayLimits.rebroadcastMost)
    expect(announced()).toHaveLength(3)
    expect(announced().at(-1)).toEqual(txid(own))
    await peer.tell(getData(own))
    await peer.nextOf('transaction')
    expect(node.mempool.unbroadcastCount).toBe(0)
    vi.advanceTimersByTime(2 * relayLimits.rebroadcastMost)
    expect(announced()).toHaveLength(3)
  })

  it('is not announced again when a peer has it from elsewhere', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'peer')
    const own = payment(0)
    await node.mempool.accept(own)
    node.mempool.addUnbroadcast(txid(own))
    await peer.tell(inventory(own))
    await peer.tell(getData(payment(1)))
    await peer.nextOf('not-found')
    expect(node.mempool.unbroadcastCount).toBe(0)
  })
})

describe('a peer is penalised', () => {
  it('for a transaction that breaks a rule', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'liar')
    const valid = payment(0)
    const invalid = { ...valid, lockTime: 1 }
    await peer.tell(inventory(invalid))
    await peer.next()
    await peer.tell(raw(invalid))
    expect(await node.penalties.first()).toMatchObject({ peer: 'liar', reason: 'invalid-transaction' })
  })

  it('for bytes that are no transaction', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'liar')
    await peer.tell({ kind: 'transaction', transaction: Uint8Array.of(1, 2, 3) })
    expect(await node.penalties.first()).toMatchObject({ peer: 'liar', reason: 'invalid-transaction' })
  })

  it('for a transaction that nobody asked for', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'pusher')
    await peer.tell(raw(payment(0)))
    expect(await node.penalties.first()).toMatchObject({ peer: 'pusher', reason: 'unrequested-data' })
    expect(node.mempool.count).toBe(0)
  })

  it('for a link that breaks the protocol', async () => {
    const node = await startNode()
    const [, theirs] = linkPair()
    const broken = {
      messages: (async function* (): AsyncGenerator<RelayMessage> {
        yield { kind: 'unknown' }
        throw new PeerError('frame-too-large', 'A frame of the peer is longer than allowed.')
      })(),
      send: (message: KnownRelayMessage) => theirs.send(message),
      close: () => theirs.close(),
    }
    await node.relay.addPeer('liar', broken, 'inbound')
    expect(node.penalties.entries).toMatchObject([{ peer: 'liar', reason: 'protocol-violation' }])
  })
})

describe('a peer that tells more than is dealt with', () => {
  const filler = { kind: 'fee-filter', feeRate: 0 } as const

  it('is held back, loses points once, and is heard later', async () => {
    const node = await startNode({ clock: { ...systemClock, now: () => 0 } })
    const peer = await speakTo(node, 'chatterer')
    for (let count = 0; count < relayLimits.messageBurst + 20; count++) void peer.tell(filler)
    await peer.tell(getData(payment(0)))
    expect(await peer.next()).toMatchObject({ kind: 'not-found' })
    expect(node.penalties.entries).toMatchObject([{ peer: 'chatterer', reason: 'excess' }])
  })

  it('does not hold up the end of its link', async () => {
    const node = await startNode()
    const peer = await speakTo(node, 'chatterer')
    const ids = Array.from({ length: 1_000 }, (_, index) => new Uint8Array(32).fill(index))
    for (let count = 0; count < 40; count++) void peer.tell({ kind: 'not-found', transactions: ids })
    await node.penalties.first()
    await node.relay.removePeer('chatterer')
    expect(await peer.next()).toBeUndefined()
  })

  it('does not keep others waiting', async () => {
    const node = await startNode()
    const [chatterer, other] = [await speakTo(node, 'chatterer'), await speakTo(node, 'other')]
    const ids = Array.from({ length: 1_000 }, (_, index) => new Uint8Array(32).fill(index))
    for (let count = 0; count < 60; count++) void chatterer.tell({ kind: 'not-found', transactions: ids })
    void chatterer.tell(getData(payment(0)))
    const order = [
      chatterer.next().then(() => 'chatterer'),
      node.penalties.first().then(async () => {
        await other.tell(getData(payment(1)))
        await other.next()
        return 'other'
      }),
    ]
    expect(await Promise.race(order)).toBe('other')
  })
})

describe('a block', () => {
  it('that becomes the tip is announced by its header, but not to who announced it', async () => {
    const node = await startNode()
    const [source, other] = [await speakTo(node, 'source'), await speakTo(node, 'other')]
    const fork = builder.fork()
    const [first, second] = fork.mineEmpty(2) as [Block, Block]
    await source.tell({ kind: 'new-block', header: encodeHeader(first.header) })
    await source.tell(getData(payment(0)))
    expect(await source.next()).toMatchObject({ kind: 'not-found' })
    await node.chain.acceptBlock(first)
    await node.chain.acceptBlock(second)
    const [firstHeader, secondHeader] = [first, second].map(({ header }) => encodeHeader(header))
    expect(await source.next()).toEqual({ kind: 'new-block', header: secondHeader })
    expect(await other.next()).toEqual({ kind: 'new-block', header: firstHeader })
    expect(await other.next()).toEqual({ kind: 'new-block', header: secondHeader })
    expect(node.penalties.entries).toEqual([])
  })
})

describe('a fee filter', () => {
  it('is told again after its time when the rate has changed, and is above it by a step at most', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const node = await startNode({ limits: { maxMempoolSize: 150 } })
    const [, theirs] = linkPair()
    void node.relay.addPeer('peer', theirs, 'inbound')
    const told = (): number[] =>
      theirs.sent.flatMap((sent) => (sent.kind === 'fee-filter' ? sent.feeRate : []))
    const initial = Number(node.mempool.minimumFeeRate)
    for (const fee of [10_000n, 20_000n]) await node.mempool.accept(payment(Number(fee / 10_000n), fee))
    const raised = Number(node.mempool.minimumFeeRate)
    expect(raised).toBeGreaterThan(initial)
    vi.advanceTimersByTime(relayLimits.feeFilterInterval - 1)
    expect(told()).toEqual([initial])
    vi.advanceTimersByTime(relayLimits.feeFilterHaste + relayLimits.feeFilterInterval)
    const [, second = 0] = told()
    expect(second).toBeGreaterThan(raised / 1.11)
    expect(second).toBeLessThan(raised * 1.11)
  })
})

describe('relay', () => {
  it('closes its links when it stops, and the link of a peer that comes again', async () => {
    const node = await startNode()
    const first = await speakTo(node, 'peer')
    const second = await speakTo(node, 'peer')
    expect(await first.next()).toBeUndefined()
    await node.relay.stop()
    expect(await second.next()).toBeUndefined()
  })

  it('lets the newest link of a peer that comes again and again wait, and takes no points for it', async () => {
    const clock = new VirtualTime()
    const node = await startNode({ clock })
    for (let index = 0; index < relayLimits.linkBurst; index++) await speakTo(node, 'peer')
    const come = (): [MemoryLink, MemoryLink] => {
      const [ours, theirs] = linkPair()
      void node.relay.addPeer('peer', theirs, 'inbound')
      return [ours, theirs]
    }
    const [older, newer] = [come(), come()]
    expect(await older[0].messages.next()).toMatchObject({ done: true })
    await speakTo(node, 'other')
    const wait = 60_000 / relayLimits.linksPerMinute
    expect(await clock.passUntil(node.chain, () => newer[1].sent.length > 0, wait)).toBe(wait)
    expect(older[1].sent).toEqual([])
    expect(node.penalties.entries).toEqual([])
  })

  it('lets a peer that came and went again and again wait no longer than another', async () => {
    const clock = new VirtualTime()
    const node = await startNode({ clock })
    for (let index = 0; index < relayLimits.linkBurst; index++) await speakTo(node, 'peer')
    for (let index = 0; index < 10 * relayLimits.linkBurst; index++) {
      const [ours, theirs] = linkPair()
      const added = node.relay.addPeer('peer', theirs, 'inbound')
      await ours.close()
      await node.relay.removePeer('peer')
      await added
    }
    const [, theirs] = linkPair()
    void node.relay.addPeer('peer', theirs, 'inbound')
    const wait = 60_000 / relayLimits.linksPerMinute
    expect(await clock.passUntil(node.chain, () => theirs.sent.length > 0, wait)).toBe(wait)
  })

  it('closes a link that waits when it stops', async () => {
    const node = await startNode()
    for (let index = 0; index < relayLimits.linkBurst; index++) await speakTo(node, 'peer')
    const [ours, theirs] = linkPair()
    const added = node.relay.addPeer('peer', theirs, 'inbound')
    await node.relay.stop()
    await added
    expect(await ours.messages.next()).toMatchObject({ done: true })
    expect(theirs.sent).toEqual([])
  })

  it('has one link with a peer that opens two at once', async () => {
    const node = await startNode()
    const [[first, atFirst], [, atSecond]] = [linkPair(), linkPair()]
    void node.relay.addPeer('peer', atFirst, 'inbound')
    void node.relay.addPeer('peer', atSecond, 'inbound')
    let last = await first.messages.next()
    while (last.done !== true) last = await first.messages.next()
    await node.relay.stop()
  })

  it('works over libp2p', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const pair = await connectLightHost()
    await handleRelay(pair.server, specId, (channel) => {
      void b.relay.addPeer(channel.peer.toString(), channel, 'inbound')
    })
    const channel = await openRelay(pair.connection, specId)
    void a.relay.addPeer(channel.peer.toString(), channel, 'outbound')
    const [one, other] = [payment(0), payment(1)]
    await a.mempool.accept(one)
    await b.mempool.accept(other)
    await Promise.all([arrival(b, txid(one)), arrival(a, txid(other))])
    await a.relay.stop()
    expect(await channel.closed).toBeUndefined()
  })
})
