/**
 * Transactions and one peer: which it is known to have, which it is to be told of, which it was asked for and asks for.
 *
 * What came in since it was told last is not given to it, even when it asks: otherwise whoever asks all nodes for a
 * transaction would learn who had it first.
 *
 * Source: docs/protocol/peers.md#trickle
 */
import { bytesKey } from '@chain/core/bytes'
import { ancestors, computeFeeRate, type FeeRate, type MempoolEntry } from '@chain/core/mempool'
import { encodeTransaction, type Txid } from '@chain/core/primitives'
import { fieldLimits, type KnownRelayMessage } from '@chain/wire'
import type { Clock, Timer } from '../clock.ts'
import type { Direction } from '../peers/peer.ts'
import { RecentSet } from './recent-set.ts'
import { relayLimits } from './relay-limits.ts'
import type { Outlet } from './relay-peer.ts'
import type { Trickle } from './trickle.ts'

/** Finds a transaction of the mempool. */
export type FindTransaction = (id: Txid) => MempoolEntry | undefined

/** What it works with. */
export interface PeerTransactionsModules {
  readonly clock: Clock
  readonly trickle: Trickle
  readonly find: FindTransaction
}

/** The transactions of one peer. */
export class PeerTransactions {
  /** It wants no transactions that pay less. */
  feeFilter: FeeRate = 0n
  readonly #outlet: Outlet
  readonly #direction: Direction
  readonly #modules: PeerTransactionsModules
  readonly #known = new RecentSet(relayLimits.knownTransactions)
  readonly #asked = new RecentSet(relayLimits.askedPerPeer)
  readonly #announcements = new Map<string, Txid>()
  /** What has come since it was told last. */
  readonly #untold = new Set<string>()
  #wasTold = false
  #announcing: Timer | undefined

  constructor(outlet: Outlet, direction: Direction, modules: PeerTransactionsModules) {
    this.#outlet = outlet
    this.#direction = direction
    this.#modules = modules
  }

  /** It has this transaction, or was told that we have it. */
  learn(id: Txid): void {
    const key = bytesKey(id)
    this.#known.add(key)
    this.#announcements.delete(key)
  }

  /** Whether it is known to have this transaction, or was told that we have it. */
  has(id: Txid): boolean {
    return this.#known.has(bytesKey(id))
  }

  /** Tells it, when its time comes, that we have a transaction, unless it has it or does not want it. */
  announce({ txid }: MempoolEntry): void {
    const key = bytesKey(txid)
    if (this.#untold.size < relayLimits.announcementsPerPeer) this.#untold.add(key)
    const hasRoom = this.#announcements.size < relayLimits.announcementsPerPeer
    if (hasRoom && !this.#known.has(key)) this.#announcements.set(key, txid)
    this.#flushLater()
  }

  /** Tells it once more that we have a transaction, although it was told before. */
  announceAgain(entry: MempoolEntry): void {
    this.#known.delete(bytesKey(entry.txid))
    this.announce(entry)
  }

  /** Asks it for transactions. */
  ask(ids: readonly Txid[]): void {
    for (const id of ids) this.#asked.add(bytesKey(id))
    for (const transactions of batches(ids)) this.#outlet.tell({ kind: 'get-data', transactions })
  }

  /** It has sent a transaction; says whether it was asked for it, however long ago. */
  deliver(id: Txid): boolean {
    this.learn(id)
    return this.#asked.delete(bytesKey(id))
  }

  /**
   * Sends it the transactions that it asked for, or says which are not there.
   *
   * @param onSent - told of each that is being sent
   */
  serve(ids: readonly Txid[], onSent: (id: Txid) => void): void {
    const room = Math.max(0, relayLimits.owedPerPeer - this.#outlet.repliesWaiting)
    const missing: Txid[] = []
    for (const id of ids.slice(0, room)) {
      this.#outlet.reply(() => {
        const reply = this.#give(id)
        if (reply === undefined) missing.push(id)
        else onSent(id)
        return reply
      })
    }
    if (room > 0) this.#outlet.reply(() => notFound(missing))
    const refused = notFound(ids.slice(room))
    if (refused !== undefined) this.#outlet.tell(refused)
  }

  /** Stops telling it anything. */
  stop(): void {
    this.#announcing?.cancel()
  }

  #give(id: Txid): KnownRelayMessage | undefined {
    const entry = this.#modules.find(id)
    if (entry === undefined || !this.#wasTold || this.#untold.has(bytesKey(id))) return undefined
    this.learn(id)
    return { kind: 'transaction', transaction: encodeTransaction(entry.transaction) }
  }

  #flushLater(): void {
    const { clock, trickle } = this.#modules
    this.#announcing ??= clock.setTimer(trickle.delay(this.#direction, clock.now()), () => this.#flush())
  }

  #flush(): void {
    this.#announcing = undefined
    this.#wasTold = true
    this.#untold.clear()
    const wanted = this.#wanted()
    const transactions = wanted.splice(0, relayLimits.announcementBatch)
    this.#announcements.clear()
    for (const id of wanted) this.#announcements.set(bytesKey(id), id)
    for (const id of transactions) this.learn(id)
    for (const batch of batches(transactions)) this.#outlet.tell({ kind: 'inventory', transactions: batch })
    if (this.#announcements.size > 0) this.#flushLater()
  }

  /** What it is to be told of: parents before their children, then by what they pay, which hides the order in which they came. */
  #wanted(): Txid[] {
    return [...this.#announcements.values()]
      .flatMap((id) => this.#modules.find(id) ?? [])
      .map((entry) => ({ ...rank(entry), id: entry.txid }))
      .filter(({ feeRate }) => feeRate >= this.feeFilter)
      .sort((a, b) => (a.depth === b.depth ? Number(b.feeRate - a.feeRate) : a.depth - b.depth))
      .map(({ id }) => id)
  }
}

function rank(entry: MempoolEntry): { readonly depth: number; readonly feeRate: FeeRate } {
  const depth = entry.parents.size === 0 ? 0 : ancestors(entry).size
  return { depth, feeRate: computeFeeRate(entry.fee, entry.size) }
}

function notFound(transactions: readonly Txid[]): KnownRelayMessage | undefined {
  return transactions.length === 0 ? undefined : { kind: 'not-found', transactions }
}

function batches(ids: readonly Txid[]): Txid[][] {
  const count = Math.ceil(ids.length / fieldLimits.inventoryItems)
  return Array.from({ length: count }, (_, index) =>
    ids.slice(index * fieldLimits.inventoryItems, (index + 1) * fieldLimits.inventoryItems),
  )
}
