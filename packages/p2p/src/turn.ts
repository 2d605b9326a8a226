/**
 * Shares the thread: loops that may have endless work of strangers at hand let timers, sockets and each other go on.
 *
 * A loop over what has been received already never leaves the queue of microtasks by itself. All such loops share one turn: if each had its own,
 * a hundred of them would have a hundred turns one after the other before anything else.
 */

/** Milliseconds for which loops may go on together without a pause. */
const turnTime = 5

/** Since when they have had the thread. */
let since = performance.now()

/** Those that go on after a pause, one after each. Bound: the loops, which are as many as streams at most. */
const waiting: (() => void)[] = []

/** Resolves at once while the turn lasts, and after everybody else's work when it is over. */
export async function passTurn(): Promise<void> {
  if (performance.now() - since < turnTime) return
  await new Promise<void>((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(endPause)
  })
}

function endPause(): void {
  since = performance.now()
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(endPause)
}
