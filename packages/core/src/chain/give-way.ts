/**
 * Giving way: long work that stops now and then, so that whatever else waits for the thread gets its turn.
 *
 * Core has no timers: whoever opens a chain hands in when to stop and how to wait. Work is written as a generator that yields
 * where it may stop. What it has done by then must not be seen by others as if it were all.
 *
 * Source: docs/architecture.md#turns
 */

/**
 * Called again and again during long work: returns a promise to wait for when others should have their turn, and `undefined`
 * while the work may simply go on. Must be cheap, and never reject.
 */
export type GiveWay = () => Promise<void> | undefined

/** Work that may stop at each `yield`. */
export type Steps<Result> = Generator<undefined, Result, void>

/** Never gives way: for programs that have nothing else to do. */
export const neverGiveWay: GiveWay = () => undefined

/** Does work at once. */
export function runAtOnce<Result>(steps: Steps<Result>): Result {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/**
 * Does work with pauses.
 *
 * @param isWanted - asked after each pause; when it says no, the work is left where it is, and the result is `undefined`
 */
export async function runInTurns<Result>(
  steps: Steps<Result>,
  giveWay: GiveWay,
  isWanted: () => boolean = () => true,
): Promise<Result | undefined> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    const pause = giveWay()
    if (pause === undefined) continue
    await pause
    if (!isWanted()) return undefined
  }
}
