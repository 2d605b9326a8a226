/**
 * What one peer is told of the least fee rate that we want: rounded by chance, and at times of its own, so that the rate does
 * not tell two connections of one node apart from those of others.
 *
 * Pure: clock and chance are handed in.
 *
 * Source: docs/protocol/peers.md#fee-filter; Bitcoin Core, `FeeFilterRounder`, `MaybeSendFeefilter`
 */
import type { FeeRate } from '@chain/core/mempool'
import { drawBetween, drawExponential, type Random } from '../random.ts'
import { relayLimits } from './relay-limits.ts'

/** Each step of the rates that are told is so much above the one below. */
const STEP = 1.1

/** The highest rate that fits into the message. */
const HIGHEST_RATE = 0xffff_ffff

/**
 * A rate of the steps around `rate`: the one below it two times of three, the one above it (or itself, where it is a step)
 * one time of three; never below `minimum`, which is the lowest step.
 */
export function roundFeeRate(rate: FeeRate, minimum: FeeRate, random: Random): FeeRate {
  const base = Number(minimum > 0n ? minimum : 1n)
  const wanted = Number(rate)
  if (wanted <= base) return BigInt(base)
  // The small part makes up for the errors of the logarithm where the rate is a step.
  const upper = Math.ceil(Math.log(wanted / base) / Math.log(STEP) - 1e-9)
  const step = random() < 1 / 3 ? upper : upper - 1
  return BigInt(Math.min(HIGHEST_RATE, Math.round(base * STEP ** step)))
}

/** When one peer is told which rate. */
export class FeeFilter {
  readonly #random: Random
  #told: FeeRate | undefined
  #dueAt = Number.NEGATIVE_INFINITY

  constructor(random: Random) {
    this.#random = random
  }

  /**
   * The rate to tell now, or `undefined`.
   *
   * @param rate - what is accepted now
   * @param minimum - what is accepted at all times
   * @param now - milliseconds
   */
  next(rate: FeeRate, minimum: FeeRate, now: number): FeeRate | undefined {
    if (now < this.#dueAt) {
      this.#hasten(rate, now)
      return undefined
    }
    this.#dueAt = now + drawExponential(relayLimits.feeFilterMean, this.#random)
    const rounded = roundFeeRate(rate, minimum, this.#random)
    if (rounded === this.#told) return undefined
    this.#told = rounded
    return rounded
  }

  /** A rate that has changed by a quarter or a third is not kept back for long. */
  #hasten(rate: FeeRate, now: number): void {
    const told = this.#told ?? rate
    const isFar = rate * 4n < told * 3n || rate * 3n > told * 4n
    if (!isFar || this.#dueAt - now <= relayLimits.feeFilterHaste) return
    this.#dueAt = now + drawBetween(0, relayLimits.feeFilterHaste, this.#random)
  }
}
