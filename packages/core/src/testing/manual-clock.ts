/** A clock that stands still until it is moved: time for tests. */
import type { UnixTime } from '../units/index.ts'

/** A clock that stands still until a test moves it. */
export class ManualClock {
  #seconds: UnixTime

  constructor(seconds: UnixTime) {
    this.#seconds = seconds
  }

  /** The time now, in Unix seconds; bound, so that it can be handed on as a function. */
  readonly now = (): UnixTime => this.#seconds

  /** Moves the time on. */
  advance(seconds: number): void {
    this.#seconds += seconds
  }
}
