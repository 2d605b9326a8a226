/**
 * Shares the thread: loops that may have endless work of strangers at hand let timers, sockets and each other go on.
 *
 * A loop over what has been received already never leaves the queue of microtasks by itself. All such loops share one turn: if each had its own,
 * a hundred of them would have a hundred turns one after the other before anything else.
 */

import { nextTick } from 'node:process'

/** Milliseconds for which loops may go on together without a pause. */
const turnTime = 5

/** Since when they have had the thread. */
let since = performance.now()

/** Those that wait for the end of a pause. Bound: the loops, which are as many as streams at most. */
const waiting: (() => void)[] = []

/** Resolves at once while the turn lasts, and after everybody else's work when it is over. */
export async function passTurn(): Promise<void> {
  if (!isOver()) return
  await new Promise<void>((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(endPause)
  })
}

function isOver(): boolean {
  return performance.now() - since >= turnTime
}

function endPause(): void {
  since = performance.now()
  goOn()
}

/** One after the other goes on while the turn lasts, and at least one in each: those who are left wait for the next pause. */
function goOn(): void {
  waiting.shift()?.()
  if (waiting.length === 0) return
  // What it does without waiting is done when no microtask is left, and only then the next tick comes.
  queueMicrotask(() => nextTick(() => (isOver() ? setImmediate(endPause) : goOn())))
}
