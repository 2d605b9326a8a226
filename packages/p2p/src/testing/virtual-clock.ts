/**
 * Time that passes only when it is told to: every alarm that is set waits in one queue, and the clock jumps from one to the
 * next.
 *
 * Not for driving a simulation (`simulation.ts`), which lets promises settle between two alarms.
 */
import type { Clock, Timer } from '../clock.ts'
import { AlarmQueue } from './alarm-queue.ts'

/** A {@link Clock} whose alarms go off when {@link VirtualClock.advance} is called. Bound: what is set and not cancelled. */
export class VirtualClock implements Clock {
  readonly #start: number
  readonly #alarms = new AlarmQueue()
  #now = 0

  /** @param start - Unix time of its beginning, in milliseconds */
  constructor(start: number) {
    this.#start = start
  }

  /** Milliseconds since its beginning; bound, so that it can be handed on as a function. */
  readonly now = (): number => this.#now

  /** Unix time in milliseconds. */
  readonly unixTime = (): number => this.#start + this.#now

  /** Unix time in whole seconds, as the rules of the chain want it. */
  readonly unixSeconds = (): number => Math.floor(this.unixTime() / 1_000)

  /** Calls `callback` when the clock has advanced so far; alarms of the same moment go off in the order they were set. */
  setTimer(milliseconds: number, callback: () => void): Timer {
    return this.#alarms.add(this.#now + Math.max(0, milliseconds), callback)
  }

  /** Moves to the next alarm at or before `end` and lets it go off; moves to `end` and says `false` when there is none. */
  advance(end: number): boolean {
    const alarm = this.#alarms.take(end)
    this.#now = Math.max(this.#now, alarm?.moment ?? end)
    alarm?.callback()
    return alarm !== undefined
  }
}
