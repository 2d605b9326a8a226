/** A clock that stands still until it is moved: time for tests. */
import type { UnixTime } from '../units/index.ts'

export class ManualClock {
  #seconds: UnixTime

  constructor(seconds: UnixTime) {
    this.#seconds = seconds
  }

  /** The time now, in Unix seconds; bound, so that it can be handed on as a function. */
  readonly now = (): UnixTime => this.#seconds

  advance(seconds: number): void {
    this.#seconds += seconds
  }
}
