/**
 * Transactions between peers: announces those that come into the mempool, asks for those that peers announce, and gives out
 * those that peers ask for.
 *
 * Those that were handed in here are announced like all others, and again until a peer has them.
 *
 * Not for whom to ask for what (`transaction-requests.ts`), for one peer's queues (`peer-transactions.ts`), or for rules.
 *
 * Source: docs/protocol/peers.md#relay
 */
import { type Bytes, bytesKey } from '@chain/core/bytes'
import { RuleError } from '@chain/core/consensus'
import { DecodeError } from '@chain/core/errors'
import { type MempoolEvent, type MempoolOutcome, type Orphan, Orphans } from '@chain/core/mempool'
import {
  type Block,
  decodeTransaction,
  formatHash,
  type Transaction,
  type Txid,
  txid,
  txids,
} from '@chain/core/primitives'
import type { Clock, Timer } from '../clock.ts'
import type { Credit, Penalise } from '../peers/penalise.ts'
import type { ChainPort, LogPort, MempoolPort } from '../ports.ts'
import { drawBetween, type Random } from '../random.ts'
import type { RecentTransactions } from './recent-transactions.ts'
import { relayLimits } from './relay-limits.ts'
import type { RelayPeer } from './relay-peer.ts'
import { type Questions, TransactionRequests } from './transaction-requests.ts'
import { trickleMeans } from './trickle.ts'

/** What it works with. */
export interface TransactionRelayModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  readonly recent: RecentTransactions
  readonly penalise: Penalise
  readonly credit?: Credit
  readonly clock: Clock
  readonly random: Random
  readonly log: LogPort
  /** All peers, by their id. */
  readonly peers: ReadonlyMap<string, RelayPeer>
}

/** Transactions of all peers. */
export class TransactionRelay {
  readonly #modules: TransactionRelayModules
  readonly #requests: TransactionRequests
  readonly #orphans = new Orphans({
    maxCount: relayLimits.orphans,
    maxLength: relayLimits.orphanBytes,
    maxAge: relayLimits.orphanAge,
  })
  #timer: Timer | undefined
  #lookTimer: Timer
  #rebroadcastTimer: Timer

  constructor(modules: TransactionRelayModules) {
    const { chain, random } = modules
    this.#modules = modules
    // Outbound peers are told of a transaction within this time.
    this.#requests = new TransactionRequests({
      inboundDelay: trickleMeans(chain.spec.consensus).outbound,
      random,
    })
    this.#lookTimer = this.#lookLater()
    this.#rebroadcastTimer = this.#rebroadcastLater()
  }

  /** Tells a peer that came which fee rate we want and what waits here, since it may have been away. */
  greet(peer: RelayPeer): void {
    this.#requests.addPeer(peer.id, peer.direction)
    this.#tellFeeFilter(peer)
    for (const entry of this.#modules.mempool.entries()) peer.transactions.announce(entry)
  }

  /** A peer is gone: what it was asked for is asked from others. */
  removePeer({ id }: RelayPeer): void {
    const orphans = this.#orphans.removePeer(id)
    this.#ask(this.#requests.removePeer(id, this.#modules.clock.now()))
    for (const orphan of orphans) this.#askOthers(id, txid(orphan))
  }

  /** Asks and announces nothing more. */
  stop(): void {
    this.#timer?.cancel()
    this.#lookTimer.cancel()
    this.#rebroadcastTimer.cancel()
  }

  /** The mempool has changed. */
  follow(event: MempoolEvent): void {
    if (event.type === 'transaction-added') {
      for (const peer of this.#modules.peers.values()) peer.transactions.announce(event.entry)
    } else if (event.reason !== 'confirmed') this.#modules.recent.add(event.entry.transaction)
  }

  /** A peer has these transactions. They are of no use while many of the blocks they may spend from are missing. */
  takeInventory(peer: RelayPeer, ids: readonly Txid[]): void {
    const { chain, mempool, clock } = this.#modules
    for (const id of ids) {
      peer.transactions.learn(id)
      mempool.removeUnbroadcast(id)
    }
    if (chain.bestHeader.height > chain.tip.height + relayLimits.transactionReach) return
    const wanted = ids.filter((id) => !mempool.has(id) && !this.#orphans.has(id))
    this.#ask(this.#requests.announce(peer.id, wanted, clock.now()))
  }

  /** A peer does not have these transactions. */
  takeNotFound(peer: RelayPeer, ids: readonly Txid[]): void {
    this.#ask(this.#requests.refuse(peer.id, ids, this.#modules.clock.now()))
  }

  /** A peer wants these transactions. */
  give(peer: RelayPeer, ids: readonly Txid[]): void {
    peer.transactions.serve(ids, (id) => this.#modules.mempool.removeUnbroadcast(id))
  }

  /** A peer sent a transaction. */
  async take(peer: RelayPeer, bytes: Bytes): Promise<void> {
    const { penalise, clock } = this.#modules
    let transaction: Transaction
    try {
      transaction = decodeTransaction(bytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      penalise(peer.id, 'invalid-transaction', error.message)
      return
    }
    const id = txid(transaction)
    if (!peer.transactions.deliver(id)) {
      penalise(peer.id, 'unrequested-data', `Transaction ${formatHash(id)} was not asked for.`)
      return
    }
    const others = this.#requests.announcers(id)
    this.#ask(this.#requests.settle(id, clock.now()))
    const outcome = await this.#accept({ peer: peer.id, transaction })
    // An id says nothing of witnesses: others may have the same transaction with one that is right.
    if (outcome.status !== 'refused') return
    for (const other of others) this.#ask(this.#requests.announce(other, [id], clock.now()))
  }

  /** A block was connected: those that were waiting for what it makes have waited long enough. */
  followBlock({ transactions }: Block): void {
    if (this.#orphans.size === 0) return
    const ids = txids(transactions)
    for (const id of ids) this.#orphans.delete(id)
    const children = ids.flatMap((id) => this.#orphans.takeChildren(id))
    this.#acceptOrphans(children).catch((error: unknown) => {
      this.#modules.log.warn({ err: error }, 'The mempool could not take in a transaction')
    })
  }

  /** Hands a transaction to the mempool, and then those that were waiting for it. */
  async #accept(one: Orphan): Promise<MempoolOutcome> {
    const outcome = await this.#judge(one)
    if (outcome.status === 'accepted') {
      await this.#acceptOrphans(this.#orphans.takeChildren(outcome.entry.txid))
    }
    return outcome
  }

  /** Hands transactions to the mempool that wait no more, and then those that were waiting for them. */
  async #acceptOrphans(orphans: readonly Orphan[]): Promise<void> {
    const queue = [...orphans]
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await this.#judge(next)
      if (outcome.status === 'accepted') queue.push(...this.#orphans.takeChildren(outcome.entry.txid))
      // While it waited, nobody else was asked for it.
      else if (outcome.status === 'refused') this.#askOthers(next.peer, txid(next.transaction))
    }
  }

  async #judge(one: Orphan): Promise<MempoolOutcome> {
    const outcome = await this.#modules.mempool.accept(one.transaction)
    if (outcome.status === 'accepted') this.#modules.credit?.(one.peer, 'transaction')
    else if (outcome.status === 'missing-inputs') this.#keepOrphan(one.peer, one.transaction)
    else if (outcome.status === 'refused') this.#refuse(one, outcome.error)
    return outcome
  }

  /** What it spends may be waiting at the peer that sent it, or else at others that have it. */
  #keepOrphan(peer: string, transaction: Transaction): void {
    const { peers, recent, mempool, clock } = this.#modules
    if (!peers.has(peer)) return
    recent.add(transaction)
    this.#orphans.add({ transaction, peer }, clock.now())
    const parents = new Map(
      transaction.inputs.map(({ previousOutput }) => [bytesKey(previousOutput.txid), previousOutput.txid]),
    )
    const wanted = [...parents.values()].filter((id) => !mempool.has(id) && !this.#orphans.has(id))
    for (const each of [peer, ...this.#others(peer, txid(transaction))])
      this.#ask(this.#requests.announce(each, wanted, clock.now()))
  }

  /** Asks another peer that has a transaction: the one that sent it may have put in a wrong witness. */
  #askOthers(sender: string, id: Txid): void {
    if (this.#modules.mempool.has(id)) return
    for (const other of this.#others(sender, id))
      this.#ask(this.#requests.announce(other, [id], this.#modules.clock.now()))
  }

  /** Peers that are known to have a transaction, beside the one that sent it. */
  #others(sender: string, id: Txid): string[] {
    const peers = [...this.#modules.peers.values()]
    return peers.filter((peer) => peer.id !== sender && peer.transactions.has(id)).map((peer) => peer.id)
  }

  /** Policy differs from node to node, so only broken rules are a fault; a block may hold what policy refuses. */
  #refuse({ peer, transaction }: Orphan, error: Error): void {
    if (!(error instanceof RuleError)) this.#modules.recent.add(transaction)
    else if (error.rule.blame !== 'transient') {
      this.#modules.penalise(peer, 'invalid-transaction', error.message)
    }
  }

  #ask(questions: Questions): void {
    for (const [id, transactions] of questions) this.#modules.peers.get(id)?.transactions.ask(transactions)
    this.#expireInTime()
  }

  #expireInTime(): void {
    this.#timer?.cancel()
    const { clock } = this.#modules
    const moment = this.#requests.nextExpiry
    if (moment === undefined) return
    this.#timer = clock.setTimer(Math.max(0, Math.ceil(moment - clock.now())), () => this.#expire())
  }

  #expire(): void {
    const { late, questions } = this.#requests.expire(this.#modules.clock.now())
    for (const id of late)
      this.#modules.penalise(id, 'timeout', 'It did not send a transaction that it had announced.')
    this.#ask(questions)
  }

  #tellFeeFilter(peer: RelayPeer): void {
    const { mempool, clock } = this.#modules
    const rate = peer.feeFilter.next(mempool.minimumFeeRate, mempool.limits.minimumFeeRate, clock.now())
    if (rate !== undefined) peer.tell({ kind: 'fee-filter', feeRate: Number(rate) })
  }

  /** The mempool's fee rate falls with time, and orphans grow old, which is no event. */
  #lookLater(): Timer {
    const { clock, peers } = this.#modules
    return clock.setTimer(relayLimits.feeFilterInterval, () => {
      for (const peer of peers.values()) this.#tellFeeFilter(peer)
      this.#orphans.expire(clock.now())
      this.#lookTimer = this.#lookLater()
    })
  }

  /** Peers that were told may not have asked, since they were busy with blocks, or have left. */
  #rebroadcastLater(): Timer {
    const { clock, random, mempool, peers } = this.#modules
    const { rebroadcastLeast, rebroadcastMost } = relayLimits
    return clock.setTimer(drawBetween(rebroadcastLeast, rebroadcastMost, random), () => {
      const own = mempool.unbroadcastCount === 0 ? [] : [...mempool.entries()]
      for (const entry of own.filter(({ txid }) => mempool.isUnbroadcast(txid))) {
        for (const peer of peers.values()) peer.transactions.announceAgain(entry)
      }
      this.#rebroadcastTimer = this.#rebroadcastLater()
    })
  }
}
