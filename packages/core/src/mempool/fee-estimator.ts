/**
 * Fee estimates: how much transactions paid that were confirmed within some number of blocks. It learns from what this
 * node saw come and saw confirmed; it asks nobody, and it is told of transactions and blocks by `followFees`.
 *
 * Bounds: {@link MAX_TRACKED} transactions are watched, for at most {@link MAX_ESTIMATE_BLOCKS} blocks.
 *
 * Source: docs/protocol/policy.md#fee-estimates; after Bitcoin Core, `CBlockPolicyEstimator`
 */
import { bytesKey } from '../bytes/index.ts'
import type { Txid } from '../primitives/index.ts'
import type { Height } from '../units/index.ts'
import { FEE_CLASSES, FeeHistory, feeClass, MAX_ESTIMATE_BLOCKS, MAX_RATE, MIN_RATE } from './fee-history.ts'
import type { FeeRate } from './fee-rate.ts'

/** Most transactions that are watched at once; more are not looked at. */
export const MAX_TRACKED = 100_000

/** Part of the transactions that must be confirmed in time. */
const SUCCESS = 0.85

/** Fewer transactions than these say nothing. */
const MIN_COUNT = 8

/** An estimate, or why there is none. */
export type FeeEstimate =
  | { readonly feeRate: FeeRate }
  | {
      readonly feeRate: undefined
      /** The target is no number of blocks from 1 to {@link MAX_ESTIMATE_BLOCKS}; too little was seen; nothing was fast enough. */
      readonly reason: 'target-out-of-range' | 'too-few-transactions' | 'too-slow'
      readonly sentence: string
    }

interface Tracked {
  readonly rate: FeeRate
  readonly height: Height
}

/** Estimates the fee rate for a wait of some blocks from how long transactions have waited here. */
export class FeeEstimator {
  readonly #history: FeeHistory
  /** Oldest first. */
  readonly #tracked = new Map<string, Tracked>()
  #height: Height = 0

  /** @param history - what was learned before */
  constructor(history: FeeHistory = new FeeHistory()) {
    this.#history = history
  }

  /** How many transactions are watched. */
  get trackedCount(): number {
    return this.#tracked.size
  }

  /** Watches a transaction that came just now. @param height - of the tip */
  track(id: Txid, rate: FeeRate, height: Height): void {
    if (this.#tracked.size < MAX_TRACKED) this.#tracked.set(bytesKey(id), { rate, height })
  }

  /** Gives up watching a transaction whose fate says nothing about its fee rate. */
  forget(id: Txid): void {
    this.#tracked.delete(bytesKey(id))
  }

  /** Takes notice that a transaction is gone without having been confirmed. */
  fail(id: Txid): void {
    const tracked = this.#take(id)
    if (tracked !== undefined) this.#history.addFailed(tracked.rate, this.#height - tracked.height)
  }

  /**
   * Takes notice of a block. One that is not higher than all before, as in a reorganisation, teaches nothing.
   *
   * @param confirmed - waiting transactions that it holds
   */
  connectBlock(height: Height, confirmed: readonly Txid[]): void {
    const isNew = height > this.#height
    if (isNew) {
      this.#height = height
      this.#history.fade()
    }
    for (const id of confirmed) {
      const tracked = this.#take(id)
      if (isNew && tracked !== undefined)
        this.#history.addConfirmed(tracked.rate, Math.max(height - tracked.height, 1))
    }
    this.#giveUp()
  }

  /**
   * The fee rate at which transactions were confirmed within so many blocks; never more than for fewer blocks.
   *
   * @param targetBlocks - 1, for the next block, to {@link MAX_ESTIMATE_BLOCKS}
   */
  estimate(targetBlocks: number): FeeEstimate {
    if (!Number.isInteger(targetBlocks) || targetBlocks < 1 || targetBlocks > MAX_ESTIMATE_BLOCKS)
      return unknown('target-out-of-range', `Estimates are made for 1 to ${MAX_ESTIMATE_BLOCKS} blocks.`)
    const waiting = this.#countWaiting()
    let best: number | undefined
    let isEnough = false
    for (let target = 1; target <= targetBlocks; target++) {
      const result = this.#lowestPassing(target, waiting)
      isEnough ||= result.isEnough
      if (result.rate !== undefined) best = Math.min(best ?? result.rate, result.rate)
    }
    if (best !== undefined) return { feeRate: BigInt(Math.round(best)) }
    return isEnough
      ? unknown('too-slow', `No fee rate was confirmed within ${targetBlocks} blocks often enough.`)
      : unknown('too-few-transactions', 'Too few transactions were seen to say what they have to pay.')
  }

  /** What was learned, to be read by `decodeFeeHistory`. What is being watched is not part of it. */
  encode(): Uint8Array {
    return this.#history.encode()
  }

  #take(id: Txid): Tracked | undefined {
    const key = bytesKey(id)
    const tracked = this.#tracked.get(key)
    this.#tracked.delete(key)
    return tracked
  }

  /** Counts as failed what has waited for all blocks that are told apart. */
  #giveUp(): void {
    for (const [key, { rate, height }] of this.#tracked) {
      if (this.#height - height < MAX_ESTIMATE_BLOCKS) return
      this.#tracked.delete(key)
      this.#history.addFailed(rate, MAX_ESTIMATE_BLOCKS)
    }
  }

  /** Of each class, how many have waited for exactly n blocks, in vain so far. */
  #countWaiting(): Float64Array {
    const counts = new Float64Array(FEE_CLASSES * (MAX_ESTIMATE_BLOCKS + 1))
    for (const { rate, height } of this.#tracked.values()) {
      const blocks = Math.min(Math.max(this.#height - height, 0), MAX_ESTIMATE_BLOCKS)
      const index = feeClass(rate) * (MAX_ESTIMATE_BLOCKS + 1) + blocks
      counts[index] = (counts[index] as number) + 1
    }
    return counts
  }

  /** Goes down from the highest class, joining classes until they say something. */
  #lowestPassing(
    target: number,
    waiting: Float64Array,
  ): { readonly rate: number | undefined; readonly isEnough: boolean } {
    let rate: number | undefined
    let isEnough = false
    let group = { inTime: 0, all: 0, confirmed: 0, rates: 0 }
    for (let index = FEE_CLASSES - 1; index >= 0; index--) {
      group = this.#join(group, index, target, waiting)
      if (group.all < MIN_COUNT) continue
      isEnough = true
      if (group.inTime < SUCCESS * group.all) continue
      rate = Math.min(Math.max(group.rates / group.confirmed, MIN_RATE), MAX_RATE)
      group = { inTime: 0, all: 0, confirmed: 0, rates: 0 }
    }
    return { rate, isEnough }
  }

  #join(group: Group, index: number, target: number, waiting: Float64Array): Group {
    const history = this.#history
    const start = index * (MAX_ESTIMATE_BLOCKS + 1)
    let late = history.failedAfter(index, target)
    for (let blocks = target; blocks <= MAX_ESTIMATE_BLOCKS; blocks++)
      late += waiting[start + blocks] as number
    return {
      inTime: group.inTime + history.confirmedWithin(index, target),
      all: group.all + history.confirmed(index) + late,
      confirmed: group.confirmed + history.confirmed(index),
      rates: group.rates + history.rates(index),
    }
  }
}

/** Some classes together. */
interface Group {
  readonly inTime: number
  readonly all: number
  readonly confirmed: number
  /** Sum of the fee rates of those that were confirmed. */
  readonly rates: number
}

function unknown(
  reason: 'target-out-of-range' | 'too-few-transactions' | 'too-slow',
  sentence: string,
): FeeEstimate {
  return { feeRate: undefined, reason, sentence }
}
