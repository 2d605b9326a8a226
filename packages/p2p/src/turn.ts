/**
 * Shares the thread: whoever may have endless work of one peer at hand lets timers, sockets and other peers go on.
 *
 * A loop over what has been received already never leaves the queue of microtasks by itself.
 */

/** Milliseconds that one peer's work may go on. */
const turnTime = 5

/** The time that one loop has had the thread without a pause. */
export class Turn {
  #since = performance.now()

  /** Resolves at once while the turn lasts, and after everybody else's work when it is over. */
  async pass(): Promise<void> {
    if (performance.now() - this.#since < turnTime) return
    await new Promise((resolve) => setTimeout(resolve, 0))
    this.#since = performance.now()
  }
}
