/**
 * Nodes that relay, and tests that speak to them over a link.
 */
import type { ChainManager } from '@chain/core/chain'
import { inlineVerifier } from '@chain/core/consensus'
import { Mempool, type MempoolEntry, type PolicyLimits } from '@chain/core/mempool'
import { type Block, encodeTransaction, type Transaction, type Txid, txid } from '@chain/core/primitives'
import type { KnownRelayMessage, RelayMessage } from '@chain/wire'
import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.ts'
import type { Direction } from '../../src/peers/peer.ts'
import type { Credit } from '../../src/peers/penalise.ts'
import type { Random } from '../../src/random.ts'
import { Relay } from '../../src/relay/relay.ts'
import { Syncer } from '../../src/sync/syncer.ts'
import { lateClock, openChain, PenaltyBook, silentLog } from '../nodes.ts'
import { linkPair, type MemoryLink } from './memory-link.ts'

export interface RelayNode {
  readonly chain: ChainManager
  readonly mempool: Mempool
  readonly syncer: Syncer
  readonly relay: Relay
  readonly penalties: PenaltyBook
  /** Who was the first to bring what: `peer merit`. */
  readonly credits: readonly string[]
}

export interface RelayNodeOptions {
  readonly blocks?: readonly Block[]
  readonly limits?: Partial<PolicyLimits>
  readonly clock?: Clock
  readonly random?: Random
}

/** A node without peers; it ends with the test. */
export async function startNode(options: RelayNodeOptions = {}): Promise<RelayNode> {
  const { blocks = [], limits, clock = systemClock, random = Math.random } = options
  const chain = await openChain(blocks)
  const mempool = new Mempool({ chain, verifier: inlineVerifier, clock: lateClock }, limits)
  const penalties = new PenaltyBook()
  const { penalise } = penalties
  const syncer = new Syncer({ chain, penalise, clock, log: silentLog })
  const credits: string[] = []
  const credit: Credit = (peer, merit) => {
    credits.push(`${peer} ${merit}`)
  }
  const relay = new Relay({ chain, mempool, sync: syncer, penalise, credit, clock, random, log: silentLog })
  onTestFinished(async () => {
    await relay.stop()
    await syncer.stop()
  })
  return { chain, mempool, syncer, relay, penalties, credits }
}

/** Links two nodes, of which the first chose the second; each knows the other by the name given. */
export function link(
  a: RelayNode,
  b: RelayNode,
  names: readonly [string, string] = ['a', 'b'],
): [MemoryLink, MemoryLink] {
  const [atA, atB] = linkPair()
  void a.relay.addPeer(names[1], atA, 'outbound')
  void b.relay.addPeer(names[0], atB, 'inbound')
  return [atA, atB]
}

/** The test's end of a link. */
export interface Speaker {
  /** What the node has said so far. */
  readonly heard: readonly KnownRelayMessage[]
  tell(message: KnownRelayMessage): Promise<void>
  /** What the node says next; `undefined` when the link has ended. */
  next(): Promise<RelayMessage>
  /** What the node says next of these kinds. */
  nextOf<Kind extends RelayMessage['kind']>(kind: Kind): Promise<Extract<RelayMessage, { kind: Kind }>>
  close(): Promise<void>
}

/** Connects to `node` as a peer; what it says at the beginning (fee filter, compact mode, tip) has been read. */
export async function speakTo(
  node: RelayNode,
  name: string,
  direction: Direction = 'inbound',
): Promise<Speaker> {
  const [ours, theirs] = linkPair()
  void node.relay.addPeer(name, theirs, direction)
  const next = async (): Promise<RelayMessage> => (await ours.messages.next()).value as RelayMessage
  const speaker: Speaker = {
    heard: theirs.sent,
    tell: (message) => ours.send(message),
    next,
    nextOf: async (kind) => {
      let message = await next()
      while (message.kind !== kind) message = await next()
      return message as Extract<RelayMessage, { kind: typeof kind }>
    },
    close: () => ours.close(),
  }
  await speaker.nextOf(node.chain.tip.height > 0 ? 'new-block' : 'compact-mode')
  return speaker
}

/** Resolves when a transaction waits at a node. */
export function arrival({ mempool }: RelayNode, id: Txid): Promise<MempoolEntry> {
  return new Promise((resolve) => {
    const entry = mempool.get(id)
    if (entry !== undefined) resolve(entry)
    mempool.subscribe((event) => {
      if (event.type === 'transaction-added' && event.entry.txid.join() === id.join()) resolve(event.entry)
    })
  })
}

export const inventory = (...transactions: Transaction[]) =>
  ({ kind: 'inventory', transactions: transactions.map(txid) }) as const

export const getData = (...transactions: Transaction[]) =>
  ({ kind: 'get-data', transactions: transactions.map(txid) }) as const

export const raw = (transaction: Transaction) =>
  ({ kind: 'transaction', transaction: encodeTransaction(transaction) }) as const
