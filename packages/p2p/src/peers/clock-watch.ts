/**
 * Notices that somebody has set the clock of the machine while the node runs, by a clock that nobody sets. A machine that slept looks the
 * same: the other clock stands still meanwhile.
 *
 * Not for whether the clock is right (`clock-offsets.ts`). Pure: the clocks are handed in.
 */

/** Milliseconds by which the two clocks may part between two looks. */
export const tolerableJump = 60_000

/** Compares two clocks from its making on. */
export class ClockWatch {
  readonly #now: () => number
  readonly #steady: () => number
  #offset: number

  /** @param now - Unix milliseconds @param steady - milliseconds since some moment, never going back */
  constructor(now: () => number, steady: () => number) {
    this.#now = now
    this.#steady = steady
    this.#offset = now() - steady()
  }

  /** Milliseconds by which the clock was set forward since the last look, less than 0 when it was set back, 0 when it went as it should. */
  look(): number {
    const offset = this.#now() - this.#steady()
    const jump = offset - this.#offset
    this.#offset = offset
    return Math.abs(jump) > tolerableJump ? jump : 0
  }
}
