/**
 * Relay: what peers tell each other as it happens, over one link for each.
 *
 * Reads the links, holds back whoever tells too much, and hands each message to those who deal with it: transactions
 * (`transaction-relay.ts`) and blocks (`block-relay.ts`).
 *
 * Source: docs/protocol/peers.md#relay
 */
import type { ChainEvent } from '@chain/core/chain'
import type { RelayMessage } from '@chain/wire'
import { Allowances } from '../allowances.ts'
import type { Clock } from '../clock.ts'
import { toPeerError } from '../errors.ts'
import { penaltyForFault } from '../peers/fault-penalty.ts'
import type { Direction } from '../peers/peer.ts'
import type { Credit, Penalise } from '../peers/penalise.ts'
import type { ChainPort, LogPort, MempoolPort } from '../ports.ts'
import type { Random } from '../random.ts'
import { BlockRelay } from './block-relay.ts'
import type { SyncPort } from './compact-downloads.ts'
import { RecentTransactions } from './recent-transactions.ts'
import { relayLimits } from './relay-limits.ts'
import { RelayPace } from './relay-pace.ts'
import { type RelayLink, RelayPeer } from './relay-peer.ts'
import { TransactionRelay } from './transaction-relay.ts'
import { Trickle, trickleMeans } from './trickle.ts'

/** What relay works with. */
export interface RelayModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  /** Takes what peers tell of blocks. */
  readonly sync: SyncPort
  readonly penalise: Penalise
  /** Told who was the first to bring a block or a transaction. */
  readonly credit?: Credit
  readonly clock: Clock
  readonly random: Random
  readonly log: LogPort
}

/** A message that is not about transactions. */
type BlockMessage = Exclude<
  RelayMessage,
  { kind: 'inventory' | 'get-data' | 'transaction' | 'not-found' | 'fee-filter' }
>

/** Passes on transactions and blocks between the peers that are added to it. */
export class Relay {
  readonly #modules: RelayModules
  readonly #peers = new Map<string, RelayPeer>()
  /** Ends the waiting of a link for its turn, by peer: with whether the turn has come. Bound: the peers. */
  readonly #turns = new Map<string, (hasCome: boolean) => void>()
  readonly #pace = new RelayPace()
  readonly #links = new Allowances({
    burst: relayLimits.linkBurst,
    perSecond: relayLimits.linksPerMinute / 60,
  })
  readonly #trickle: Trickle
  readonly #transactions: TransactionRelay
  readonly #blocks: BlockRelay
  readonly #unsubscribe: readonly (() => void)[]

  constructor(modules: RelayModules) {
    const { chain, mempool, random } = modules
    this.#modules = modules
    this.#trickle = new Trickle(trickleMeans(chain.spec.consensus), random)
    const parts = { ...modules, recent: new RecentTransactions(), peers: this.#peers }
    this.#transactions = new TransactionRelay(parts)
    this.#blocks = new BlockRelay(parts)
    this.#unsubscribe = [
      chain.subscribe((event) => this.#followChain(event)),
      mempool.subscribe((event) => this.#transactions.follow(event)),
    ]
  }

  /**
   * Relays with a peer until its link ends; a link that it had before is closed. Resolves when the link has ended. The next link of
   * one that comes with new ones all the time has to wait, since each is greeted with all that waits; its newest link alone does. That costs
   * no points: a node that is killed and started again and again does the same.
   *
   * @param direction - `outbound` when this node chose the peer
   */
  async addPeer(id: string, link: RelayLink, direction: Direction): Promise<void> {
    const turn = direction === 'inbound' ? this.#turn(id) : undefined
    if (turn !== undefined && !(await turn)) {
      await link.close()
      return
    }
    // Another link of the peer may come while one is being closed.
    while (this.#peers.has(id)) await this.#closeLink(id)
    const { mempool, clock, random, log } = this.#modules
    const find = mempool.get.bind(mempool)
    const peer = new RelayPeer(id, direction, link, { clock, random, trickle: this.#trickle, find, log })
    this.#peers.set(id, peer)
    this.#transactions.greet(peer)
    this.#blocks.greet(peer)
    await this.#read(peer, link)
  }

  /** Closes the link of a peer; what it was asked for is asked from others. */
  async removePeer(id: string): Promise<void> {
    this.#turns.get(id)?.(false)
    await this.#closeLink(id)
  }

  async #closeLink(id: string): Promise<void> {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    this.#forget(peer)
    await peer.close()
  }

  /** Closes all links. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const end of this.#turns.values()) end(false)
    await Promise.all([...this.#peers.keys()].map((id) => this.removePeer(id)))
    this.#transactions.stop()
    this.#blocks.stop()
  }

  /** `undefined` when a peer may have a link now; else resolves when its turn has come, or to `false` when it is given up. */
  #turn(id: string): Promise<boolean> | undefined {
    const { clock } = this.#modules
    this.#turns.get(id)?.(false)
    const milliseconds = this.#links.take(id, 1, clock.now())
    if (milliseconds === 0) return undefined
    return new Promise((resolve) => {
      const end = (hasCome: boolean): void => {
        timer.cancel()
        this.#turns.delete(id)
        // A debt that grew with each attempt would keep the peer waiting for ever.
        if (!hasCome) this.#links.take(id, -1, clock.now())
        resolve(hasCome)
      }
      const timer = clock.setTimer(milliseconds, () => end(true))
      this.#turns.set(id, end)
    })
  }

  #followChain(event: ChainEvent): void {
    this.#blocks.follow(event)
    if (event.type === 'block-connected') this.#transactions.followBlock(event.block)
  }

  async #read(peer: RelayPeer, link: RelayLink): Promise<void> {
    try {
      for await (const message of link.messages) {
        // What is still on its way when a peer is removed comes to its end unheard.
        if (this.#isHere(peer)) await this.#holdBack(peer, message)
        if (this.#isHere(peer)) await this.#take(peer, message)
      }
    } catch (error) {
      this.#blame(peer, error)
    } finally {
      this.#forget(peer)
    }
  }

  #isHere(peer: RelayPeer): boolean {
    return this.#peers.get(peer.id) === peer
  }

  /** Nothing is read while a peer waits, so that the stream itself holds it back. */
  async #holdBack(peer: RelayPeer, message: RelayMessage): Promise<void> {
    const now = this.#modules.clock.now()
    const milliseconds = this.#pace.take(peer.id, message, now)
    if (milliseconds === 0) return
    if (peer.exceed(now)) {
      this.#modules.penalise(peer.id, 'excess', 'It told or asked more than a peer may in its time.')
    }
    await peer.hold(milliseconds)
  }

  #forget(peer: RelayPeer): void {
    peer.stop()
    if (!this.#isHere(peer)) return
    this.#peers.delete(peer.id)
    this.#transactions.removePeer(peer)
    this.#blocks.removePeer(peer)
  }

  async #take(peer: RelayPeer, message: RelayMessage): Promise<void> {
    switch (message.kind) {
      case 'inventory':
        this.#transactions.takeInventory(peer, message.transactions)
        return
      case 'get-data':
        this.#transactions.give(peer, message.transactions)
        return
      case 'transaction':
        await this.#transactions.take(peer, message.transaction)
        return
      case 'not-found':
        this.#transactions.takeNotFound(peer, message.transactions)
        return
      case 'fee-filter':
        peer.transactions.feeFilter = BigInt(message.feeRate)
        return
      default:
        await this.#takeBlockMessage(peer, message)
    }
  }

  async #takeBlockMessage(peer: RelayPeer, message: BlockMessage): Promise<void> {
    switch (message.kind) {
      case 'new-block':
        await this.#blocks.takeHeader(peer, message.header)
        return
      case 'compact-mode':
        peer.blocks.isCompact = true
        peer.blocks.wantsUnasked = message.highBandwidth
        return
      case 'compact-block':
        await this.#blocks.takeCompact(peer, message.block)
        return
      case 'get-compact-block':
        this.#blocks.giveCompact(peer, message.hash)
        return
      case 'get-block-transactions':
        this.#blocks.giveTransactions(peer, message.request)
        return
      case 'block-transactions':
        this.#blocks.takeTransactions(peer, message.answer)
        return
      case 'no-compact-block':
        this.#blocks.takeRefusal(peer, message.hash)
        return
      case 'unknown':
    }
  }

  #blame({ id }: RelayPeer, thrown: unknown): void {
    const error = toPeerError(thrown)
    const penalty = penaltyForFault(error)
    this.#modules.log.debug({ peer: id, code: error.code, error }, 'A relay stream failed')
    if (penalty !== undefined) this.#modules.penalise(id, penalty, error.message)
  }
}
