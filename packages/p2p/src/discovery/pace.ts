/**
 * How often something is repeated: soon at first, then ever less often, until there is a reason to hurry again.
 *
 * Pure: the clock and randomness are handed in.
 */
import { type BackOff, backOffDelay } from '../peers/back-off.ts'
import type { Recurrence } from './plan.ts'

/** The state of one recurring task; due at once in the beginning. */
export class Pace {
  readonly #backOff: BackOff
  readonly #random: () => number
  #rounds = 0
  #running = false
  #notBefore = 0

  /** `random` gives numbers from 0 to 1. */
  constructor(backOff: BackOff, random: () => number) {
    this.#backOff = backOff
    this.#random = random
  }

  /** For the plan. */
  get recurrence(): Recurrence {
    return { running: this.#running, notBefore: this.#notBefore }
  }

  /** The task runs now. */
  begin(): void {
    this.#running = true
  }

  /** The task has ended; `fruitful` ones are repeated soon. `now` is of a clock that never goes back. */
  end(now: number, fruitful: boolean): void {
    this.#running = false
    this.#rounds = fruitful ? 1 : this.#rounds + 1
    this.#notBefore = now + this.#delay()
  }

  /** There is a reason to do it again soon. */
  hasten(now: number): void {
    this.#rounds = 1
    this.#notBefore = Math.min(this.#notBefore, now + this.#delay())
  }

  #delay(): number {
    return backOffDelay(this.#backOff, this.#rounds, this.#random())
  }
}
