/**
 * Work for strangers that takes the thread for long, one piece at a time, with a rest after each: all who ask share a part of
 * the processor, however many they are or call themselves.
 *
 * Not for the share of each (`answer-pace.ts`).
 *
 * Source: docs/protocol/light-clients.md#pace
 */

/** The rest after a piece of work, in times that it took. */
const rest = 2

/** A queue of pieces of work. Bound: those who add to it. */
export class SharedLane {
  #last: Promise<void> = Promise.resolve()

  /**
   * Does the work when all that was handed in before is done and rested from.
   *
   * @param isWanted - asked when its turn has come: nothing is done when it says no, as when whoever asked has left
   * @returns `undefined` when nothing was done
   */
  async run<Result>(
    work: () => Promise<Result>,
    isWanted: () => boolean = () => true,
  ): Promise<Result | undefined> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    if (!isWanted()) {
      resolve()
      return undefined
    }
    const since = performance.now()
    try {
      return await work()
    } finally {
      setTimeout(resolve, rest * (performance.now() - since))
    }
  }
}
