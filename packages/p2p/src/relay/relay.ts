/**
 * Relay: tells peers about new transactions and blocks, and takes in what they tell.
 *
 * A transaction is announced by its id, asked for from one peer at a time, and accepted by the mempool, whose event
 * announces it to everybody else. A new tip is announced by its header; the block itself is fetched by sync.
 *
 * Not for whom to ask for what (`transaction-requests.ts`), for one peer's queues (`relay-peer.ts`), or for rules.
 *
 * Source: docs/protocol/peers.md#relay
 */
import { bytesKey } from '@chain/core/bytes'
import type { ChainEvent } from '@chain/core/chain'
import { RuleError } from '@chain/core/consensus'
import { DecodeError } from '@chain/core/errors'
import { Orphans } from '@chain/core/mempool'
import {
  blockHash,
  decodeHeader,
  decodeTransaction,
  formatHash,
  type Transaction,
  type Txid,
  txid,
} from '@chain/core/primitives'
import type { RelayMessage } from '@chain/wire'
import type { Clock, Timer } from '../clock.ts'
import { toPeerError } from '../errors.ts'
import { penaltyForFault } from '../peers/fault-penalty.ts'
import type { Penalise } from '../penalise.ts'
import type { ChainPort, LogPort, MempoolPort } from '../ports.ts'
import { relayLimits } from './relay-limits.ts'
import { RelayPace } from './relay-pace.ts'
import { type RelayLink, RelayPeer } from './relay-peer.ts'
import { type Questions, TransactionRequests } from './transaction-requests.ts'

/** What relay works with. */
export interface RelayModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  /** Takes the 80-byte header of a peer's new tip: sync does. */
  readonly announceHeader: (peer: string, header: Uint8Array) => Promise<void>
  readonly penalise: Penalise
  readonly clock: Clock
  readonly log: LogPort
}

/** Passes on transactions and blocks between the peers that are added to it. */
export class Relay {
  readonly #modules: RelayModules
  readonly #clock: Clock
  readonly #peers = new Map<string, RelayPeer>()
  readonly #requests = new TransactionRequests()
  readonly #pace = new RelayPace()
  readonly #orphans = new Orphans({
    maxCount: relayLimits.orphans,
    maxLength: relayLimits.orphanBytes,
  })
  readonly #unsubscribe: readonly (() => void)[]
  #feeFilterTimer: Timer
  #timer: Timer | undefined

  constructor(modules: RelayModules) {
    this.#modules = modules
    this.#clock = modules.clock
    this.#unsubscribe = [
      modules.chain.subscribe((event) => this.#followChain(event)),
      modules.mempool.subscribe((event) => {
        if (event.type !== 'transaction-added') return
        for (const peer of this.#peers.values()) peer.announceTransaction(event.entry)
      }),
    ]
    this.#feeFilterTimer = this.#tellFeeFiltersLater()
  }

  /**
   * Relays with a peer until its link ends; a link that it had before is closed. Resolves when the link has ended.
   *
   * It is told our tip, the fee rate that we want and what waits here, since it may have been away.
   */
  async addPeer(id: string, link: RelayLink): Promise<void> {
    await this.removePeer(id)
    const { chain, mempool, clock, log } = this.#modules
    const peer = new RelayPeer(id, link, { clock, log })
    this.#peers.set(id, peer)
    peer.tellFeeFilter(mempool.minimumFeeRate)
    if (chain.tip.height > 0) peer.announceBlock(chain.tip.hash, chain.tip.header)
    for (const entry of mempool.entries()) peer.announceTransaction(entry)
    await this.#read(peer, link)
  }

  /** Closes the link of a peer; what it was asked for is asked from others. */
  async removePeer(id: string): Promise<void> {
    const peer = this.#peers.get(id)
    if (peer === undefined) return
    this.#forget(peer)
    await peer.close()
  }

  /** Closes all links. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    await Promise.all([...this.#peers.keys()].map((id) => this.removePeer(id)))
    this.#timer?.cancel()
    this.#feeFilterTimer.cancel()
  }

  /** The mempool's fee rate falls with time, which is no event. */
  #tellFeeFiltersLater(): Timer {
    return this.#clock.setTimer(relayLimits.feeFilterInterval, () => {
      const { minimumFeeRate } = this.#modules.mempool
      for (const peer of this.#peers.values()) peer.tellFeeFilter(minimumFeeRate)
      this.#feeFilterTimer = this.#tellFeeFiltersLater()
    })
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
    const now = this.#clock.now()
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
    this.#orphans.removePeer(peer.id)
    this.#ask(this.#requests.removePeer(peer.id, this.#clock.now()))
  }

  async #take(peer: RelayPeer, message: RelayMessage): Promise<void> {
    switch (message.kind) {
      case 'inventory':
        this.#takeInventory(peer, message.transactions)
        return
      case 'get-data':
        peer.serve(message.transactions, (id) => this.#modules.mempool.get(id))
        return
      case 'transaction':
        await this.#takeTransaction(peer, message.transaction)
        return
      case 'not-found':
        this.#ask(this.#requests.refuse(peer.id, message.transactions, this.#clock.now()))
        return
      case 'new-block':
        peer.learnBlock(blockHash(decodeHeader(message.header)))
        await this.#modules.announceHeader(peer.id, message.header)
        return
      case 'fee-filter':
        peer.feeFilter = BigInt(message.feeRate)
        return
      case 'unknown':
    }
  }

  /** Transactions are of no use before the blocks they spend from are here. */
  #takeInventory(peer: RelayPeer, ids: readonly Txid[]): void {
    for (const id of ids) peer.learnTransaction(id)
    if (this.#isBehind()) return
    const wanted = ids.filter((id) => !this.#modules.mempool.has(id) && !this.#orphans.has(id))
    this.#ask(this.#requests.announce(peer.id, wanted, this.#clock.now()))
  }

  async #takeTransaction(peer: RelayPeer, bytes: Uint8Array): Promise<void> {
    let transaction: Transaction
    try {
      transaction = decodeTransaction(bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#modules.penalise(peer.id, 'invalid-transaction', error.message)
      return
    }
    const id = txid(transaction)
    if (!peer.deliver(id)) {
      const sentence = `Transaction ${formatHash(id)} was not asked for.`
      this.#modules.penalise(peer.id, 'unrequested-data', sentence)
      return
    }
    this.#ask(this.#requests.settle(id, this.#clock.now()))
    await this.#accept(peer.id, transaction)
  }

  /** Hands a transaction to the mempool, and then those that were waiting for it. */
  async #accept(first: string, transaction: Transaction): Promise<void> {
    const queue = [{ peer: first, transaction }]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await this.#modules.mempool.accept(next.transaction)
      if (outcome.status === 'accepted') queue.push(...this.#orphans.takeChildren(outcome.entry.txid))
      else if (outcome.status === 'missing-inputs') this.#keepOrphan(next.peer, next.transaction)
      else if (outcome.status === 'refused') this.#refuse(next.peer, outcome.error)
    }
  }

  /** What it spends may be waiting at the peer that sent it. */
  #keepOrphan(peer: string, transaction: Transaction): void {
    if (!this.#peers.has(peer)) return
    this.#orphans.add({ transaction, peer })
    const parents = new Map(
      transaction.inputs.map(({ previousOutput }) => [bytesKey(previousOutput.txid), previousOutput.txid]),
    )
    const wanted = [...parents.values()].filter(
      (id) => !this.#modules.mempool.has(id) && !this.#orphans.has(id),
    )
    this.#ask(this.#requests.announce(peer, wanted, this.#clock.now()))
  }

  /** Policy differs from node to node, so only broken rules are a fault. */
  #refuse(peer: string, error: Error): void {
    if (!(error instanceof RuleError) || error.rule.blame === 'transient') return
    this.#modules.penalise(peer, 'invalid-transaction', error.message)
  }

  #followChain(event: ChainEvent): void {
    if (event.type !== 'tip-changed' || this.#isBehind()) return
    for (const peer of this.#peers.values()) peer.announceBlock(event.tip.hash, event.tip.header)
  }

  #isBehind(): boolean {
    const { chain } = this.#modules
    return chain.tip !== chain.bestHeader
  }

  #ask(questions: Questions): void {
    for (const [id, transactions] of questions) this.#peers.get(id)?.ask(transactions)
    this.#expireInTime()
  }

  #expireInTime(): void {
    this.#timer?.cancel()
    const moment = this.#requests.nextExpiry
    if (moment === undefined) return
    this.#timer = this.#clock.setTimer(Math.ceil(moment - this.#clock.now()), () => this.#expire())
  }

  #expire(): void {
    const { late, questions } = this.#requests.expire(this.#clock.now())
    for (const id of late)
      this.#modules.penalise(id, 'timeout', 'It did not send a transaction that it had announced.')
    this.#ask(questions)
  }

  #blame({ id }: RelayPeer, thrown: unknown): void {
    const error = toPeerError(thrown)
    const penalty = penaltyForFault(error)
    this.#modules.log.debug({ peer: id, code: error.code, error }, 'A relay stream failed')
    if (penalty !== undefined) this.#modules.penalise(id, penalty, error.message)
  }
}
