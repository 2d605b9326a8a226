/**
 * The mempool: valid transactions that wait for a block.
 *
 * Each is checked against the protocol's rules and the policy, on the coins after the tip and the outputs of other
 * waiting transactions. It follows the chain: what a block confirms or contradicts leaves, what a reorganisation takes
 * back returns.
 *
 * Bounded by `PolicyLimits.maxMempoolSize`; the lowest fee rates leave first.
 *
 * Source: docs/protocol/policy.md; Bitcoin Core, `validation.cpp`, `AcceptToMemoryPool`
 */
import { bytesKey } from '../bytes/index.ts'
import type { ChainEvent, ChainManager } from '../chain/index.ts'
import {
  checkInputs,
  checkTransaction,
  type InputsResult,
  isFinal,
  medianTimePast,
  RuleError,
  type SignatureVerifier,
} from '../consensus/index.ts'
import {
  type Block,
  type Coin,
  formatHash,
  formatOutPoint,
  isCoinbase,
  type OutPoint,
  outpointKey,
  type Transaction,
  type Txid,
  txid,
  virtualSize,
} from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import { computeFee, computeFeeRate, type FeeRate } from './fee-rate.ts'
import { ancestors, descendants, type MempoolEntry } from './mempool-entry.ts'
import { checkPolicy, defaultPolicy, PolicyError, type PolicyLimits, policyOfAge } from './policy.ts'

/** What became of a transaction that was handed in. */
export type MempoolOutcome =
  | { readonly status: 'accepted'; readonly entry: MempoolEntry }
  /** It waits here already. */
  | { readonly status: 'duplicate'; readonly entry: MempoolEntry }
  /** It spends outputs that are not known, or were spent by the chain. */
  | { readonly status: 'missing-inputs'; readonly missing: readonly OutPoint[] }
  | { readonly status: 'refused'; readonly error: RuleError | PolicyError }

/** Why a transaction left the mempool. */
export type RemovalReason = 'confirmed' | 'conflict' | 'reorganisation' | 'evicted' | 'expired'

export type MempoolEvent =
  | { readonly type: 'transaction-added'; readonly entry: MempoolEntry }
  | { readonly type: 'transaction-removed'; readonly entry: MempoolEntry; readonly reason: RemovalReason }

/** Called during the change: must not throw and must not wait. */
export type MempoolListener = (event: MempoolEvent) => void

/** What a mempool works with. */
export interface MempoolModules {
  readonly chain: ChainManager
  readonly verifier: SignatureVerifier
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
}

/** A transaction that passed all checks but its signatures. */
interface Candidate extends InputsResult {
  readonly transaction: Transaction
  readonly parents: Set<MempoolEntry>
  readonly size: number
}

export class Mempool {
  readonly limits: PolicyLimits
  readonly #chain: ChainManager
  readonly #verifier: SignatureVerifier
  readonly #clock: () => UnixTime
  readonly #entries = new Map<string, MempoolEntry>()
  /** Which entry spends an outpoint. */
  readonly #spenders = new Map<string, MempoolEntry>()
  readonly #listeners = new Set<MempoolListener>()
  /**
   * Transactions of disconnected blocks, in the order of the chain, until the tip stands still; `undefined` while no
   * block was disconnected. Bounded by the blocks of one reorganisation.
   */
  #returning: Transaction[] | undefined
  #size = 0
  /** Counts what may change the verdict on a transaction under examination: changes of the chain, entries that left. */
  #changes = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(modules: MempoolModules, limits: Partial<PolicyLimits> = {}) {
    this.limits = { ...defaultPolicy, ...limits }
    this.#chain = modules.chain
    this.#verifier = modules.verifier
    this.#clock = modules.clock
    this.#chain.subscribe((event) => this.#follow(event))
  }

  /** How many transactions wait. */
  get count(): number {
    return this.#entries.size
  }

  /** Virtual bytes of all waiting transactions. */
  get size(): number {
    return this.#size
  }

  /** The least fee rate that is accepted, in base units per 1,000 virtual bytes. */
  get minimumFeeRate(): FeeRate {
    return this.limits.minimumFeeRate
  }

  has(id: Txid): boolean {
    return this.#entries.has(bytesKey(id))
  }

  get(id: Txid): MempoolEntry | undefined {
    return this.#entries.get(bytesKey(id))
  }

  /** All entries, in the order in which they came; parents stand before their children. */
  entries(): Iterable<MempoolEntry> {
    return this.#entries.values()
  }

  /** The waiting transaction that spends an output, or `undefined`. */
  spender(outpoint: OutPoint): MempoolEntry | undefined {
    return this.#spenders.get(outpointKey(outpoint))
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: MempoolListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Takes in a transaction. Calls run one after the other. */
  accept(transaction: Transaction): Promise<MempoolOutcome> {
    return this.#enqueue(transaction, false)
  }

  #enqueue(transaction: Transaction, isVerified: boolean): Promise<MempoolOutcome> {
    const result = this.#queue.then(() => this.#accept(transaction, isVerified))
    this.#queue = result.catch(() => undefined)
    return result
  }

  /** Waits until everything that was handed in, and everything that a reorganisation gave back, is done. */
  async settled(): Promise<void> {
    await this.#queue
  }

  /** Drops what has waited longer than the policy allows. */
  expire(): void {
    const oldest = this.#clock() - this.limits.expirySeconds
    for (const entry of [...this.#entries.values()])
      if (entry.time < oldest) this.#removeTree(entry, 'expired')
  }

  async #accept(transaction: Transaction, isVerified: boolean): Promise<MempoolOutcome> {
    const known = this.get(txid(transaction))
    if (known !== undefined) return { status: 'duplicate', entry: known }
    try {
      return await this.#check(transaction, isVerified)
    } catch (error) {
      if (error instanceof RuleError || error instanceof PolicyError) return { status: 'refused', error }
      throw error
    }
  }

  /**
   * @param isVerified - whether the signatures are known to be right
   * @throws {RuleError | PolicyError} when the transaction is refused
   */
  async #check(transaction: Transaction, isVerified: boolean): Promise<MempoolOutcome> {
    checkTransaction(transaction)
    if (isCoinbase(transaction)) throw new PolicyError('policy-coinbase', {})
    checkPolicy(transaction, this.limits)
    let changes: number
    let candidate: Candidate | { readonly missing: readonly OutPoint[] }
    // Verifying takes time in which a block may come: then everything but the signatures is looked at again.
    let verified = isVerified
    do {
      changes = this.#changes
      candidate = this.#examine(transaction)
      if ('missing' in candidate) return { status: 'missing-inputs', missing: candidate.missing }
      if (!verified) await this.#verify(candidate)
      verified = true
    } while (changes !== this.#changes)
    this.#makeRoom(candidate)
    const entry = this.#add(candidate)
    this.#emit({ type: 'transaction-added', entry })
    return { status: 'accepted', entry }
  }

  /** Everything but the signatures. @throws {RuleError | PolicyError} */
  #examine(transaction: Transaction): Candidate | { readonly missing: readonly OutPoint[] } {
    const { tip } = this.#chain
    if (!isFinal(transaction, tip.height + 1, medianTimePast(tip))) {
      throw new PolicyError('policy-not-final', { lockTime: transaction.lockTime })
    }
    this.#refuseConflicts(transaction)
    const coins: Coin[] = []
    const missing: OutPoint[] = []
    for (const { previousOutput } of transaction.inputs) {
      const coin = this.#readCoin(previousOutput)
      if (coin === undefined) missing.push(previousOutput)
      else coins.push(coin)
    }
    if (missing.length > 0) return { missing }
    const { fee, checks } = this.#checkInputs(transaction, coins)
    const size = virtualSize(transaction)
    const required = computeFee(this.limits.minimumFeeRate, size)
    if (fee < required) throw new PolicyError('policy-fee-too-low', { fee, required })
    const parents = this.#parentsOf(transaction)
    this.#checkChainLength(parents)
    return { transaction, parents, size, fee, checks }
  }

  #checkInputs(transaction: Transaction, coins: readonly Coin[]): InputsResult {
    try {
      return checkInputs(this.#chain.spec.consensus, transaction, coins, this.#chain.tip)
    } catch (error) {
      throw error instanceof RuleError ? (policyOfAge(error) ?? error) : error
    }
  }

  #refuseConflicts(transaction: Transaction): void {
    for (const { previousOutput } of transaction.inputs) {
      const spender = this.spender(previousOutput)
      if (spender !== undefined) {
        const outpoint = formatOutPoint(previousOutput)
        throw new PolicyError('policy-conflict', { outpoint, txid: formatHash(spender.txid) })
      }
    }
  }

  /** A coin after the tip or made by a waiting transaction, which counts as made in the next block. */
  #readCoin(outpoint: OutPoint): Coin | undefined {
    const output = this.get(outpoint.txid)?.transaction.outputs[outpoint.index]
    if (output !== undefined) return { output, height: this.#chain.tip.height + 1, isCoinbase: false }
    return this.#chain.readCoin(outpoint)
  }

  #parentsOf(transaction: Transaction): Set<MempoolEntry> {
    const parents = new Set<MempoolEntry>()
    for (const { previousOutput } of transaction.inputs) {
      const parent = this.get(previousOutput.txid)
      if (parent !== undefined) parents.add(parent)
    }
    return parents
  }

  #checkChainLength(parents: ReadonlySet<MempoolEntry>): void {
    const limit = this.limits.maxChainLength
    const all = ancestors({ parents })
    const tooLong = all.size + 1 > limit || [...all].some((entry) => descendants(entry).size + 2 > limit)
    if (tooLong) throw new PolicyError('policy-chain-too-long', { limit })
  }

  async #verify({ checks, transaction }: Candidate): Promise<void> {
    const invalid = await this.#verifier.findInvalid(checks)
    if (invalid === undefined) return
    const index = checks[invalid]?.inputIndex ?? 0
    throw new RuleError('input-signature-invalid', { txid: formatHash(txid(transaction)), index })
  }

  #add({ transaction, fee, size, parents }: Candidate): MempoolEntry {
    const id = txid(transaction)
    const entry: MempoolEntry = {
      transaction,
      txid: id,
      fee,
      size,
      time: this.#clock(),
      parents,
      children: new Set(),
    }
    for (const parent of parents) parent.children.add(entry)
    this.#entries.set(bytesKey(id), entry)
    for (const { previousOutput } of transaction.inputs)
      this.#spenders.set(outpointKey(previousOutput), entry)
    this.#size += size
    return entry
  }

  /** Gives up what pays less than a candidate, as far as its size asks for. @throws {PolicyError} `policy-mempool-full` */
  #makeRoom({ fee, size, parents }: Candidate): void {
    const needed = ancestors({ parents })
    const leaving = new Set<MempoolEntry>()
    let room = this.limits.maxMempoolSize - this.#size
    while (room < size) {
      const worst = this.#lowestFeeRate(leaving)
      if (worst === undefined || needed.has(worst) || !paysLess(worst, { fee, size })) {
        throw new PolicyError('policy-mempool-full', { rate: computeFeeRate(fee, size) })
      }
      for (const entry of [worst, ...descendants(worst)]) {
        if (leaving.has(entry)) continue
        leaving.add(entry)
        room += entry.size
      }
    }
    for (const entry of leaving) this.#remove(entry, 'evicted')
  }

  #lowestFeeRate(except: ReadonlySet<MempoolEntry>): MempoolEntry | undefined {
    let worst: MempoolEntry | undefined
    for (const entry of this.#entries.values()) {
      if (!except.has(entry) && (worst === undefined || paysLess(entry, worst))) worst = entry
    }
    return worst
  }

  /** Removes an entry and all that depends on it. */
  #removeTree(entry: MempoolEntry, reason: RemovalReason): void {
    for (const dependent of descendants(entry)) this.#remove(dependent, reason)
    this.#remove(entry, reason)
  }

  #remove(entry: MempoolEntry, reason: RemovalReason): void {
    if (!this.#entries.delete(bytesKey(entry.txid))) return
    this.#changes++
    for (const { previousOutput } of entry.transaction.inputs)
      this.#spenders.delete(outpointKey(previousOutput))
    for (const parent of entry.parents) parent.children.delete(entry)
    for (const child of entry.children) child.parents.delete(entry)
    this.#size -= entry.size
    this.#emit({ type: 'transaction-removed', entry, reason })
  }

  #follow(event: ChainEvent): void {
    this.#changes++
    if (event.type === 'block-connected') this.#confirm(event.block)
    else if (event.type === 'block-disconnected')
      this.#returning = [...event.block.transactions.slice(1), ...(this.#returning ?? [])]
    else if (event.type === 'tip-changed' && this.#returning !== undefined) this.#recover(this.#returning)
  }

  #confirm(block: Block): void {
    for (const transaction of block.transactions) {
      const entry = this.get(txid(transaction))
      if (entry !== undefined) this.#remove(entry, 'confirmed')
      for (const { previousOutput } of transaction.inputs) {
        const conflict = this.spender(previousOutput)
        if (conflict !== undefined) this.#removeTree(conflict, 'conflict')
      }
    }
  }

  /**
   * After a reorganisation: what was confirmed waits again, and what waits is checked against the new chain. Signatures
   * that were right stay right: they depend on nothing but the transaction and the coins that it names.
   */
  #recover(returning: readonly Transaction[]): void {
    this.#returning = undefined
    const waiting = [...this.#entries.values()]
    for (const entry of waiting) this.#remove(entry, 'reorganisation')
    for (const transaction of [...returning, ...waiting.map((entry) => entry.transaction)])
      void this.#enqueue(transaction, true)
  }

  #emit(event: MempoolEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

type Paying = Pick<MempoolEntry, 'fee' | 'size'>

/** Whether one has a lower fee rate than the other. */
function paysLess(a: Paying, b: Paying): boolean {
  return a.fee * BigInt(b.size) < b.fee * BigInt(a.size)
}
