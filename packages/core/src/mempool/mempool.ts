/**
 * The mempool: valid transactions that wait for a block.
 *
 * Each is checked against the protocol's rules and the policy, on the coins after the tip and the outputs of other
 * waiting transactions. It follows the chain: what a block confirms or contradicts leaves, what a reorganisation takes
 * back returns.
 *
 * Bounded by `PolicyLimits.maxMempoolSize`; the lowest fee rates leave first.
 *
 * Not for the checks (`examine.ts`), the bookkeeping (`mempool-index.ts`) or who makes room (`admission.ts`).
 *
 * Source: docs/protocol/policy.md; Bitcoin Core, `validation.cpp`, `AcceptToMemoryPool`
 */
import { bytesKey } from '../bytes/index.ts'
import type { ChainEvent, ChainManager, GiveWay } from '../chain/index.ts'
import { RuleError, type SignatureVerifier } from '../consensus/index.ts'
import {
  type Block,
  formatHash,
  type OutPoint,
  type Transaction,
  type Txid,
  txid,
} from '../primitives/index.ts'
import type { Amount, UnixTime } from '../units/index.ts'
import { type Admission, admit } from './admission.ts'
import { DisconnectedTransactions } from './disconnected-transactions.ts'
import {
  type Candidate,
  examineAlone,
  examineInPlace,
  type MissingInputs,
  type Surroundings,
} from './examine.ts'
import { computeFeeRate, type FeeRate } from './fee-rate.ts'
import type { SavedMempool, SavedTransaction } from './mempool-codec.ts'
import { childrenFirst, createEntry, descendants, type MempoolEntry } from './mempool-entry.ts'
import type {
  MempoolEvent,
  MempoolListener,
  MempoolOrigin,
  MempoolOutcome,
  MempoolRefusal,
  RemovalReason,
  TestOutcome,
} from './mempool-events.ts'
import { MempoolIndex } from './mempool-index.ts'
import { defaultPolicy, PolicyError, type PolicyLimits } from './policy.ts'
import { Priorities } from './priorities.ts'
import { rebuild } from './rebuild.ts'
import { RollingFeeRate } from './rolling-fee-rate.ts'

/** What a mempool works with. */
export interface MempoolModules {
  readonly chain: ChainManager
  readonly verifier: SignatureVerifier
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
}

/** What became of a saved mempool. */
export interface LoadResult {
  readonly accepted: number
  /** Those that rules or policy refuse now, or whose inputs are gone. */
  readonly refused: number
  /** Those that have waited too long. */
  readonly expired: number
}

/** The transactions that wait for a block: each valid at the tip, none in conflict with another. */
export class Mempool {
  readonly limits: PolicyLimits
  readonly #chain: ChainManager
  readonly #verifier: SignatureVerifier
  readonly #clock: () => UnixTime
  readonly #priorities = new Priorities()
  readonly #rolling: RollingFeeRate
  readonly #disconnected: DisconnectedTransactions
  readonly #listeners = new Set<MempoolListener>()
  /** Keys of those that came from here and that no peer is known to have. Bounded by the mempool. */
  readonly #unbroadcast = new Set<string>()
  #handedIn = 0
  /** A reorganisation puts another in its place. */
  #index = new MempoolIndex()
  /** Counts what may change the verdict on a transaction under examination: changes of the chain, of priorities, entries that left. */
  #changes = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(modules: MempoolModules, limits: Partial<PolicyLimits> = {}) {
    this.limits = { ...defaultPolicy, ...limits }
    this.#chain = modules.chain
    this.#verifier = modules.verifier
    this.#clock = modules.clock
    this.#rolling = new RollingFeeRate(this.limits.incrementalFeeRate)
    this.#disconnected = new DisconnectedTransactions(this.limits.maxMempoolSize)
    this.#chain.subscribe((event) => this.#follow(event))
  }

  /** How many transactions wait. */
  get count(): number {
    return this.#index.count
  }

  /** Virtual bytes of all waiting transactions. */
  get size(): number {
    return this.#index.size
  }

  /** What all waiting transactions pay, in base units. */
  get fees(): Amount {
    return this.#index.fees
  }

  /**
   * The least fee rate that is accepted now, in base units per 1,000 virtual bytes: the policy's, or more since the
   * memory was full.
   */
  get minimumFeeRate(): FeeRate {
    const rolling = this.#rollingFeeRate()
    if (rolling > this.limits.minimumFeeRate) return rolling
    return this.limits.minimumFeeRate
  }

  /** Whether a transaction waits here. */
  has(id: Txid): boolean {
    return this.get(id) !== undefined
  }

  /** The entry of a waiting transaction, or `undefined`. */
  get(id: Txid): MempoolEntry | undefined {
    return this.#index.get(id)
  }

  /** All entries, in the order in which they came; parents stand before their children. */
  entries(): Iterable<MempoolEntry> {
    return this.#index.entries()
  }

  /** The waiting transaction that spends an output, or `undefined`. */
  spender(outpoint: OutPoint): MempoolEntry | undefined {
    return this.#index.spender(outpoint)
  }

  /**
   * Remembers that a waiting transaction was handed in here and is to be announced until a peer has it, or it leaves.
   * Nothing happens when it does not wait here.
   *
   * Source: docs/protocol/policy.md#transactions-of-our-own; Bitcoin Core, `AddUnbroadcastTx`
   */
  addUnbroadcast(id: Txid): void {
    if (!this.has(id) || this.isUnbroadcast(id)) return
    this.#unbroadcast.add(bytesKey(id))
    this.#handedIn++
  }

  /** A peer has a transaction, or will have. */
  removeUnbroadcast(id: Txid): void {
    this.#unbroadcast.delete(bytesKey(id))
  }

  /** Whether a waiting transaction was handed in here and no peer is known to have it. */
  isUnbroadcast(id: Txid): boolean {
    return this.#unbroadcast.has(bytesKey(id))
  }

  /** How many were handed in here and no peer is known to have. */
  get unbroadcastCount(): number {
    return this.#unbroadcast.size
  }

  /** How many {@link addUnbroadcast} has remembered so far: whoever saves the mempool sees by it that one is new. */
  get handedInCount(): number {
    return this.#handedIn
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: MempoolListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes in a transaction. Calls run one after the other. */
  accept(transaction: Transaction): Promise<MempoolOutcome> {
    return this.#serialise(() => this.#accept(transaction, this.#clock(), 'new'))
  }

  /** Tells what {@link accept} would do, and leaves everything as it is. */
  testAccept(transaction: Transaction): Promise<TestOutcome> {
    return this.#serialise(() =>
      this.#judge(transaction, (candidate) => {
        const { fits } = this.#admit(this.#entryOf(candidate, this.#clock()), candidate, { isTrial: true })
        if (!fits) throw this.#full(candidate)
        const { fee, size, replaced } = candidate
        return { status: 'acceptable', fee, size, replaced: [...replaced] } as const
      }),
    )
  }

  /**
   * Lets a transaction count as paying more, or less, than its fee when it is compared with others. It holds until the
   * transaction is in a block, whether it waits here already or not.
   *
   * @param change - base units, added to what was said before
   * @throws {OperationalError} `priorities-full`
   */
  prioritise(id: Txid, change: Amount): void {
    const delta = this.#priorities.add(id, change)
    this.#changes++
    const entry = this.get(id)
    if (entry !== undefined) this.#index.reprioritise(entry, delta)
  }

  /** What is worth keeping over a restart, as it is now; see `encodeMempool`. */
  save(): SavedMempool {
    const transactions = Array.from(this.entries(), ({ transaction, time, txid: id }) => {
      return { transaction, time, unbroadcast: this.isUnbroadcast(id) }
    })
    return { priorities: [...this.#priorities.entries()], transactions }
  }

  /**
   * Takes in what was saved: every transaction is checked as if it came now, and has waited since it came first. One that no peer
   * had is of that kind again, unless it came here from elsewhere meanwhile.
   *
   * @param giveWay - called between two transactions
   * @throws {OperationalError} `priorities-full`
   * @throws whatever is thrown while transactions are read; those before it stay
   */
  async load({ priorities, transactions }: SavedMempool, giveWay?: GiveWay): Promise<LoadResult> {
    for (const [id, delta] of priorities) this.prioritise(id, delta)
    const result = { accepted: 0, refused: 0, expired: 0 }
    for (const saved of transactions) {
      result[await this.#reload(saved)]++
      await giveWay?.()
    }
    return result
  }

  /** Waits until everything that was handed in is done. */
  async settled(): Promise<void> {
    await this.#queue
  }

  /** Drops what has waited longer than the policy allows. Happens with each block too. */
  expire(): void {
    const oldest = this.#oldest()
    for (const entry of [...this.entries()]) if (entry.time < oldest) this.#removeTree(entry, 'expired')
  }

  async #reload({ transaction, time, unbroadcast }: SavedTransaction): Promise<keyof LoadResult> {
    const since = Math.min(time, this.#clock())
    if (since < this.#oldest()) return 'expired'
    const { status } = await this.#serialise(() => this.#accept(transaction, since, 'loaded'))
    if (status === 'duplicate') return 'accepted'
    if (status !== 'accepted') return 'refused'
    const id = txid(transaction)
    if (unbroadcast && this.has(id)) this.#unbroadcast.add(bytesKey(id))
    return 'accepted'
  }

  #serialise<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(task)
    this.#queue = result.catch(() => undefined)
    return result
  }

  #oldest(): UnixTime {
    return this.#clock() - this.limits.expirySeconds
  }

  #rollingFeeRate(): FeeRate {
    return this.#rolling.current(this.#clock(), this.size / this.limits.maxMempoolSize)
  }

  #accept(transaction: Transaction, time: UnixTime, origin: MempoolOrigin): Promise<MempoolOutcome> {
    return this.#judge(transaction, (candidate) => {
      const entry = this.#entryOf(candidate, time)
      const { fits, evicted, evictedFeeRate } = this.#admit(entry, candidate)
      if (evictedFeeRate !== undefined) this.#rolling.raise(evictedFeeRate)
      if (!fits) throw this.#full(candidate)
      for (const one of childrenFirst(candidate.replaced)) this.#emitRemoved(one, 'replaced')
      for (const one of evicted) this.#emitRemoved(one, 'evicted')
      this.#emit({ type: 'transaction-added', entry, origin })
      return { status: 'accepted', entry } as const
    })
  }

  /** Checks a transaction and hands it on when it may wait. */
  async #judge<Verdict>(
    transaction: Transaction,
    conclude: (candidate: Candidate) => Verdict,
  ): Promise<Verdict | MempoolRefusal> {
    // During a reorganisation no coin can be relied on.
    if (this.#disconnected.isOpen) await this.#chain.settled()
    const known = this.get(txid(transaction))
    if (known !== undefined) return { status: 'duplicate', entry: known }
    try {
      examineAlone(transaction, this.limits)
      const candidate = await this.#examineAndVerify(transaction)
      return 'missing' in candidate
        ? { status: 'missing-inputs', missing: candidate.missing }
        : conclude(candidate)
    } catch (error) {
      if (error instanceof RuleError || error instanceof PolicyError) return { status: 'refused', error }
      throw error
    }
  }

  /** @throws {RuleError | PolicyError} */
  async #examineAndVerify(transaction: Transaction): Promise<Candidate | MissingInputs> {
    // Verifying takes time in which a block may come: then everything but the signatures is looked at again.
    for (let isVerified = false; ; isVerified = true) {
      const changes = this.#changes
      const candidate = this.#examine(transaction, this.#rollingFeeRate())
      if ('missing' in candidate) return candidate
      if (!isVerified) await this.#verify(candidate)
      if (changes === this.#changes) return candidate
    }
  }

  /** @throws {RuleError | PolicyError} */
  #examine(transaction: Transaction, rollingFeeRate: FeeRate): Candidate | MissingInputs {
    const surroundings: Surroundings = {
      chain: this.#chain,
      index: this.#index,
      limits: this.limits,
      rollingFeeRate,
    }
    return examineInPlace(surroundings, transaction, this.#priorities.get(txid(transaction)))
  }

  /** @throws {RuleError} `input-signature-invalid` */
  async #verify({ checks, transaction }: Candidate): Promise<void> {
    const invalid = await this.#verifier.findInvalid(checks)
    if (invalid === undefined) return
    const index = checks[invalid]?.inputIndex ?? 0
    throw new RuleError('input-signature-invalid', { txid: formatHash(txid(transaction)), index })
  }

  #entryOf(candidate: Candidate, time: UnixTime): MempoolEntry {
    const feeDelta = this.#priorities.get(txid(candidate.transaction))
    return createEntry(candidate, { feeDelta, time, height: this.#chain.tip.height })
  }

  #admit(
    entry: MempoolEntry,
    { replaced }: Pick<Candidate, 'replaced'>,
    options: { isTrial?: boolean } = {},
  ): Admission {
    return admit(this.#index, entry, replaced, this.limits.maxMempoolSize, options)
  }

  #full({ fee, size }: Candidate): PolicyError {
    return new PolicyError('policy-mempool-full', { rate: computeFeeRate(fee, size) })
  }

  /** Removes an entry and all that depends on it; nothing happens when it has left. */
  #removeTree(entry: MempoolEntry, reason: RemovalReason): void {
    if (this.get(entry.txid) !== entry) return
    for (const one of childrenFirst([entry, ...descendants(entry)])) this.#remove(one, reason)
  }

  #remove(entry: MempoolEntry, reason: RemovalReason): void {
    this.#index.delete(entry)
    this.#emitRemoved(entry, reason)
  }

  #follow(event: ChainEvent): void {
    this.#changes++
    if (event.type === 'block-connected') this.#confirm(event.block)
    else if (event.type === 'block-disconnected') this.#disconnected.add(event.block)
    else if (event.type === 'tip-changed') {
      if (this.#disconnected.isOpen) this.#recover(this.#disconnected.take())
      this.expire()
    }
  }

  #confirm(block: Block): void {
    this.#rolling.connectBlock(this.#clock())
    for (const transaction of block.transactions) {
      const id = txid(transaction)
      this.#priorities.delete(id)
      if (this.count === 0) continue
      const entry = this.get(id)
      if (entry !== undefined) this.#remove(entry, 'confirmed')
      for (const { previousOutput } of transaction.inputs) {
        const conflict = this.spender(previousOutput)
        if (conflict !== undefined) this.#removeTree(conflict, 'conflict')
      }
    }
  }

  /** Makes the mempool fit the chain after a reorganisation. */
  #recover(returning: readonly Transaction[]): void {
    const { index, removed, added } = rebuild({
      chain: this.#chain,
      limits: this.limits,
      priorities: this.#priorities,
      now: this.#clock(),
      waiting: [...this.entries()],
      returning,
    })
    this.#index = index
    for (const [entry, reason] of removed) this.#emitRemoved(entry, reason)
    for (const entry of added) this.#emit({ type: 'transaction-added', entry, origin: 'returned' })
  }

  #emitRemoved(entry: MempoolEntry, reason: RemovalReason): void {
    this.#changes++
    this.removeUnbroadcast(entry.txid)
    this.#emit({ type: 'transaction-removed', entry, reason })
  }

  #emit(event: MempoolEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
