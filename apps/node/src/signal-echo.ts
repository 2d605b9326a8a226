/**
 * Tells a second signal from the echo of the first: at a terminal Ctrl-C reaches `npx` and the program that it runs, and
 * `npx` passes it on to the program once more.
 */

/** Milliseconds after the first signal in which others are its echo. */
const ECHO_TIME = 500

/** What a signal is: the first one, its echo, or a second one. */
export type SignalTurn = 'first' | 'echo' | 'second'

/**
 * A function to call for each signal, which says what it is.
 *
 * @param now - milliseconds, never going back
 */
export function countSignals(now: () => number = () => performance.now()): () => SignalTurn {
  let first: number | undefined
  return () => {
    if (first !== undefined) return now() - first < ECHO_TIME ? 'echo' : 'second'
    first = now()
    return 'first'
  }
}
