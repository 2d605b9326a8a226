/**
 * Time as sync, relay and answers know it: what it is now, and being called when it is later. They read no other clock, so
 * that a simulation can make time for them.
 *
 * Not for streams and sockets (`streams/deadline.ts`), which live in the time of the system.
 */

/** A call that waits for its moment. */
export interface Timer {
  /** The call is not made any more; nothing happens when it was made already. */
  cancel(): void
}

/** A clock and its alarms. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number
  /** Unix time in milliseconds; may go back. */
  unixTime(): number
  /** Calls `callback` once, after at least so many milliseconds and never before this call has returned. */
  setTimer(milliseconds: number, callback: () => void): Timer
}

/** The clock of the system. */
export const systemClock: Clock = {
  now: () => performance.now(),
  unixTime: () => Date.now(),
  setTimer: (milliseconds, callback) => {
    const timer = setTimeout(callback, Math.max(0, milliseconds))
    return { cancel: () => clearTimeout(timer) }
  },
}
