/**
 * The fee rate below which a full mempool takes nothing more: as high as what it had to give up, and less again as time
 * goes by, so that what was just evicted is not sent, verified and evicted again.
 *
 * It halves every twelve hours, twice as fast when the mempool is half empty, four times as fast when it holds less than
 * a quarter; not before a block has come since it was raised.
 *
 * Source: Bitcoin Core, `CTxMemPool::GetMinFee`; docs/protocol/policy.md#size
 */
import type { UnixTime } from '../units/index.ts'
import type { FeeRate } from './fee-rate.ts'

/** Seconds in which the rate halves. */
export const ROLLING_HALF_LIFE: number = 12 * 3_600

/** A fee rate that rises with each eviction and falls by half in {@link ROLLING_HALF_LIFE} once blocks come. */
export class RollingFeeRate {
  readonly #incremental: FeeRate
  /** Base units per 1,000 virtual bytes, with what is below one. */
  #rate = 0
  /** The time up to which the rate has fallen; `undefined` while it must not fall. */
  #fallenUntil: UnixTime | undefined

  /** @param incremental - the step above what was evicted; a rate below half of it is no rate */
  constructor(incremental: FeeRate) {
    this.#incremental = incremental
  }

  /** Takes notice that something was given up that paid `evicted`. */
  raise(evicted: FeeRate): void {
    const rate = Number(evicted + this.#incremental)
    if (rate <= this.#rate) return
    this.#rate = rate
    this.#fallenUntil = undefined
  }

  /** Takes notice of a block, which made room. */
  connectBlock(now: UnixTime): void {
    this.#fallenUntil ??= now
  }

  /**
   * The rate now, 0 when there is none.
   *
   * @param fullness - 0 to 1, how full the mempool is
   */
  current(now: UnixTime, fullness: number): FeeRate {
    if (this.#rate === 0) return 0n
    this.#fall(now, fullness)
    if (this.#rate === 0) return 0n
    const rate = BigInt(Math.ceil(this.#rate))
    return rate > this.#incremental ? rate : this.#incremental
  }

  #fall(now: UnixTime, fullness: number): void {
    if (this.#fallenUntil === undefined || now <= this.#fallenUntil) return
    const halfLife = ROLLING_HALF_LIFE / (fullness < 0.25 ? 4 : fullness < 0.5 ? 2 : 1)
    this.#rate /= 2 ** ((now - this.#fallenUntil) / halfLife)
    this.#fallenUntil = now
    if (this.#rate < Number(this.#incremental) / 2) this.#rate = 0
  }
}
