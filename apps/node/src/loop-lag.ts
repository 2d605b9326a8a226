/**
 * How late the event loop is: whoever waits for a timer, a socket or an answer waits that long for the work of others.
 *
 * A timer that is due every few milliseconds measures by how much it is late, in native code of Node.
 *
 * Source: Node.js, `perf_hooks.monitorEventLoopDelay`
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds by which the event loop was late. */
export interface LoopLag {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Milliseconds between two looks; a shorter delay is not seen. */
const RESOLUTION = 5
/** Milliseconds after which old delays are forgotten. */
const PERIOD = 60_000

/** Watches the event loop until it is closed. */
export class LoopLagMonitor {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION })
  readonly #timer: ReturnType<typeof setInterval> | undefined
  #last: LoopLag | undefined

  /**
   * Begins to watch.
   *
   * @param period - milliseconds after which delays are forgotten; `Infinity` remembers all
   */
  constructor(period: number = PERIOD) {
    this.#histogram.enable()
    if (period === Number.POSITIVE_INFINITY) return
    this.#timer = setInterval(() => {
      this.#last = this.#now()
      this.#histogram.reset()
    }, period)
    this.#timer.unref()
  }

  /** Of the last whole period; of the time since the beginning while that is not over. */
  read(): LoopLag {
    return this.#last ?? this.#now()
  }

  /** Watches no more. */
  close(): void {
    clearInterval(this.#timer)
    this.#histogram.disable()
  }

  /** The histogram holds the times between two looks, in nanoseconds; it is empty for the first few milliseconds. */
  #now(): LoopLag {
    const lag = (nanoseconds: number): number =>
      Math.max(0, Math.round(nanoseconds / 1e5 - RESOLUTION * 10) / 10)
    if (this.#histogram.count === 0) return { p50: 0, p99: 0, max: 0 }
    const { max } = this.#histogram
    return {
      p50: lag(this.#histogram.percentile(50)),
      p99: lag(this.#histogram.percentile(99)),
      max: lag(max),
    }
  }
}
