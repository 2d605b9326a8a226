/**
 * The mempool after a reorganisation: what was confirmed waits again, then what waited, each only if it follows rules and
 * policy on the new chain.
 *
 * Signatures are not looked at: those that were right stay right, for they depend on nothing but the transaction and the
 * coins that it names. The minimum of a full memory does not hold for what was here before.
 *
 * Source: Bitcoin Core, `MaybeUpdateMempoolForReorg`; docs/protocol/policy.md#following-the-chain
 */
import { RuleError } from '../consensus/index.ts'
import { type Transaction, txid } from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import { admit } from './admission.ts'
import { type Candidate, examineAlone, examineInPlace, type Surroundings } from './examine.ts'
import { createEntry, type MempoolEntry } from './mempool-entry.ts'
import type { RemovalReason } from './mempool-events.ts'
import { MempoolIndex } from './mempool-index.ts'
import { PolicyError } from './policy.ts'
import type { Priorities } from './priorities.ts'

/** What the new mempool is made from. */
export interface RebuildOptions extends Pick<Surroundings, 'chain' | 'limits'> {
  readonly priorities: Priorities
  readonly now: UnixTime
  /** Entries of the old mempool in its order. Those that stay are the same objects, with their new families. */
  readonly waiting: readonly MempoolEntry[]
  /** Transactions of disconnected blocks, in the order of the chain. */
  readonly returning: readonly Transaction[]
}

/** The mempool that fits the new tip, and how it differs from the old one. */
export interface Rebuilt {
  readonly index: MempoolIndex
  /** Those of `waiting` that are gone, and why. */
  readonly removed: readonly (readonly [MempoolEntry, RemovalReason])[]
  /** Those of `returning` that wait again. */
  readonly added: readonly MempoolEntry[]
}

/** Makes the mempool that fits the tip. */
export function rebuild(options: RebuildOptions): Rebuilt {
  const { waiting, returning } = options
  const rebuilding = new Rebuilding(options)
  const returned = returning.flatMap((transaction) => rebuilding.giveBack(transaction) ?? [])
  for (const entry of waiting) rebuilding.keep(entry)
  const { index, reasons } = rebuilding
  const isHere = (entry: MempoolEntry): boolean => index.get(entry.txid) === entry
  const gone = waiting.filter((entry) => !isHere(entry))
  return {
    index,
    removed: gone.map((entry) => [entry, reasons.get(entry) ?? 'reorganisation']),
    added: returned.filter(isHere),
  }
}

class Rebuilding {
  readonly index = new MempoolIndex()
  /** Why those left that found a place at first. */
  readonly reasons = new Map<MempoolEntry, RemovalReason>()
  readonly #options: RebuildOptions

  constructor(options: RebuildOptions) {
    this.#options = options
  }

  /** Takes in a transaction of a disconnected block, if it may wait. */
  giveBack(transaction: Transaction): MempoolEntry | undefined {
    const { chain, priorities, now } = this.#options
    const candidate = this.#examine(transaction)
    if (candidate === undefined) return undefined
    const feeDelta = priorities.get(txid(transaction))
    const entry = createEntry(candidate, { feeDelta, time: now, height: chain.tip.height })
    this.#admit(entry, candidate)
    return entry
  }

  /** Lets an entry that waited wait on, if it may. */
  keep(entry: MempoolEntry): void {
    const candidate = this.#examine(entry.transaction)
    entry.children.clear()
    entry.parents.clear()
    if (candidate === undefined) return
    for (const parent of candidate.parents) entry.parents.add(parent)
    this.#admit(entry, candidate)
  }

  #examine(transaction: Transaction): Candidate | undefined {
    const { chain, limits, priorities } = this.#options
    const id = txid(transaction)
    if (this.index.get(id) !== undefined) return undefined
    const surroundings = { chain, limits, index: this.index, rollingFeeRate: 0n }
    try {
      examineAlone(transaction, limits)
      const candidate = examineInPlace(surroundings, transaction, priorities.get(id))
      return 'missing' in candidate ? undefined : candidate
    } catch (error) {
      if (error instanceof RuleError || error instanceof PolicyError) return undefined
      throw error
    }
  }

  #admit(entry: MempoolEntry, { replaced }: Candidate): void {
    const { fits, evicted } = admit(this.index, entry, replaced, this.#options.limits.maxMempoolSize)
    if (!fits) this.reasons.set(entry, 'evicted')
    else {
      for (const one of replaced) this.reasons.set(one, 'replaced')
      for (const one of evicted) this.reasons.set(one, 'evicted')
    }
  }
}
