/**
 * One peer of relay: what it is known to have, what it is to be told, and what it has asked for.
 *
 * What it asked for is sent by a task of its own and never by whoever reads its messages: two peers that both send much
 * would wait for each other otherwise.
 */
import { bytesKey } from '@chain/core/bytes'
import { computeFeeRate, type FeeRate, type MempoolEntry } from '@chain/core/mempool'
import {
  type BlockHash,
  type BlockHeader,
  encodeHeader,
  encodeTransaction,
  type Txid,
} from '@chain/core/primitives'
import { fieldLimits, type KnownRelayMessage, type RelayMessage } from '@chain/wire'
import type { Clock, Timer } from '../clock.ts'
import type { LogPort } from '../ports.ts'
import { RecentSet } from './recent-set.ts'
import { relayLimits } from './relay-limits.ts'

/** A relay stream; a `RelayChannel` is one. */
export interface RelayLink {
  /** Ends or throws when the link is closed. */
  readonly messages: AsyncIterable<RelayMessage>
  /** Resolves when the message is on its way; rejects when the link is closed. */
  send(message: KnownRelayMessage): Promise<void>
  close(): Promise<void>
}

/** Finds a transaction of the mempool. */
export type FindTransaction = (id: Txid) => MempoolEntry | undefined

/** What a relay peer works with. */
export interface RelayPeerModules {
  readonly clock: Clock
  readonly log: LogPort
}

/** The sending side of a relay link. */
export class RelayPeer {
  readonly id: string
  /** It wants no transactions that pay less. */
  feeFilter: FeeRate = 0n
  readonly #link: RelayLink
  readonly #clock: Clock
  readonly #log: LogPort
  readonly #transactions = new RecentSet(relayLimits.knownTransactions)
  readonly #blocks = new RecentSet(relayLimits.knownBlocks)
  readonly #asked = new RecentSet(relayLimits.askedPerPeer)
  readonly #announcements = new Map<string, MempoolEntry>()
  readonly #owed: Txid[] = []
  #toldFeeRate: FeeRate | undefined
  #announcing: Timer | undefined
  #excessAt = Number.NEGATIVE_INFINITY
  #endHold: (() => void) | undefined
  #serving = false

  constructor(id: string, link: RelayLink, { clock, log }: RelayPeerModules) {
    this.id = id
    this.#link = link
    this.#clock = clock
    this.#log = log
  }

  /** It has this transaction, or was told that we have it. */
  learnTransaction(id: Txid): void {
    const key = bytesKey(id)
    this.#transactions.add(key)
    this.#announcements.delete(key)
  }

  /** It has this block. */
  learnBlock(hash: BlockHash): void {
    this.#blocks.add(bytesKey(hash))
  }

  /** Tells it that we have a transaction, together with others of the same moment, unless it has it or does not want it. */
  announceTransaction(entry: MempoolEntry): void {
    const key = bytesKey(entry.txid)
    if (this.#transactions.has(key) || this.#announcements.size >= relayLimits.announcementsPerPeer) return
    this.#announcements.set(key, entry)
    this.#announcing ??= this.#clock.setTimer(relayLimits.announcementDelay, () => this.#flush())
  }

  /** Tells it our new tip, unless it has the block. */
  announceBlock(hash: BlockHash, header: BlockHeader): void {
    const key = bytesKey(hash)
    if (this.#blocks.has(key)) return
    this.#blocks.add(key)
    this.#tell({ kind: 'new-block', header: encodeHeader(header) })
  }

  /** Tells it that we want no transactions that pay less, unless it was told so last. */
  tellFeeFilter(rate: FeeRate): void {
    if (rate === this.#toldFeeRate) return
    this.#toldFeeRate = rate
    this.#tell({ kind: 'fee-filter', feeRate: Number(rate > 0xffff_ffffn ? 0xffff_ffffn : rate) })
  }

  /** Asks it for transactions. */
  ask(ids: readonly Txid[]): void {
    for (const id of ids) this.#asked.add(bytesKey(id))
    for (const transactions of batches(ids)) this.#tell({ kind: 'get-data', transactions })
  }

  /** It has sent a transaction; says whether it was asked for it, however long ago. */
  deliver(id: Txid): boolean {
    this.learnTransaction(id)
    return this.#asked.delete(bytesKey(id))
  }

  /** Sends it the transactions that it asked for, or says which are not there. */
  serve(ids: readonly Txid[], find: FindTransaction): void {
    const room = Math.max(0, relayLimits.owedPerPeer - this.#owed.length)
    this.#owed.push(...ids.slice(0, room))
    this.#tellNotFound(ids.slice(room))
    if (!this.#serving) void this.#serveAll(find)
  }

  /** It was faster than allowed; says whether that is a fault of its own, and not part of the last one. */
  exceed(now: number): boolean {
    if (now - this.#excessAt < relayLimits.excessInterval) return false
    this.#excessAt = now
    return true
  }

  /** Resolves after some milliseconds, or when it is stopped. */
  hold(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(milliseconds, resolve)
      this.#endHold = () => {
        timer.cancel()
        resolve()
      }
    })
  }

  /** Stops telling it anything, and holding it back. */
  stop(): void {
    this.#announcing?.cancel()
    this.#endHold?.()
    this.#owed.length = 0
  }

  /** Sends what is queued and closes the link. */
  close(): Promise<void> {
    this.stop()
    return this.#link.close()
  }

  async #serveAll(find: FindTransaction): Promise<void> {
    this.#serving = true
    const missing: Txid[] = []
    for (let id = this.#owed.shift(); id !== undefined; id = this.#owed.shift()) {
      const entry = find(id)
      if (entry === undefined) missing.push(id)
      else {
        this.learnTransaction(id)
        await this.#send({ kind: 'transaction', transaction: encodeTransaction(entry.transaction) })
      }
    }
    this.#tellNotFound(missing)
    this.#serving = false
  }

  #flush(): void {
    this.#announcing = undefined
    const entries = [...this.#announcements.values()]
    this.#announcements.clear()
    const wanted = entries.filter(({ fee, size }) => computeFeeRate(fee, size) >= this.feeFilter)
    const ids = wanted.map(({ txid }) => txid)
    for (const id of ids) this.learnTransaction(id)
    for (const transactions of batches(ids)) this.#tell({ kind: 'inventory', transactions })
  }

  #tellNotFound(ids: readonly Txid[]): void {
    for (const transactions of batches(ids)) this.#tell({ kind: 'not-found', transactions })
  }

  #tell(message: KnownRelayMessage): void {
    void this.#send(message)
  }

  /** A link that is closed is noticed by whoever reads it. */
  #send(message: KnownRelayMessage): Promise<void> {
    return this.#link.send(message).catch((error: unknown) => {
      this.#log.debug({ peer: this.id, kind: message.kind, error }, 'A relay message was not sent')
    })
  }
}

function batches(ids: readonly Txid[]): Txid[][] {
  const count = Math.ceil(ids.length / fieldLimits.inventoryItems)
  return Array.from({ length: count }, (_, index) =>
    ids.slice(index * fieldLimits.inventoryItems, (index + 1) * fieldLimits.inventoryItems),
  )
}
