/**
 * Coin selection: which coins a payment spends.
 *
 * Three ways are tried: a branch-and-bound search for coins that match so well that no change is needed, the smallest
 * single coin that is enough, and the largest coins first. The cheapest is taken, where change costs what it takes to spend
 * it later, and of equal ones the first. The same coins in the same order always give the same selection: no
 * randomness is involved.
 *
 * Change below the dust limit is left to the fee; change that is worth an output is always made.
 *
 * Source: M. Erhardt, "An Evaluation of Coin Selection Strategies" (2016), section 4 (branch and bound); Bitcoin
 * Core, `wallet/coinselection.cpp` (the waste of a selection)
 */
import type { Amount } from '../units/index.ts'

/** A coin that may be selected. */
export interface CoinChoice {
  readonly value: Amount
  /** Weight of the input that spends it, witness included. */
  readonly inputWeight: number
}

/** What is to be paid. */
export interface SelectionTask<Choice extends CoinChoice> {
  readonly choices: readonly Choice[]
  /** Sum of the outputs to pay, in base units; above 0. */
  readonly amount: Amount
  /** Exact fee of a payment whose inputs have this number and weight, with or without an output for change. */
  readonly fee: (inputs: number, inputWeight: number, withChange: boolean) => Amount
  /** Least value of an output for change. */
  readonly minimumChange: Amount
  /** Weight of the input that will spend the change one day, witness included. */
  readonly changeInputWeight: number
}

/** Selected coins: their sum is `amount + fee + change`. */
export interface Selection<Choice extends CoinChoice> {
  readonly chosen: readonly Choice[]
  readonly fee: Amount
  /** Value of the output for change, 0 when there is none. */
  readonly change: Amount
}

/** Selects coins, or returns `undefined` when all of them together do not cover amount and fee. */
export function selectCoins<Choice extends CoinChoice>(
  task: SelectionTask<Choice>,
): Selection<Choice> | undefined {
  const sorted = task.choices
    .map((choice) => ({ choice, gain: choice.value - spendingFee(task, choice.inputWeight) }))
    .filter(({ gain }) => gain > 0n)
    .sort((a, b) => compareAmounts(b.gain, a.gain))
  return cheapest(task, [
    settle(task, searchExact(task, sorted)),
    smallestSufficient(task, sorted),
    largestFirst(task, sorted),
  ])
}

function cheapest<Choice extends CoinChoice>(
  task: SelectionTask<Choice>,
  selections: readonly (Selection<Choice> | undefined)[],
): Selection<Choice> | undefined {
  const changeCost = spendingFee(task, task.changeInputWeight)
  const costOf = ({ fee, change }: Selection<Choice>): Amount => (change === 0n ? fee : fee + changeCost)
  return selections.reduce((best, other) => {
    if (best === undefined || other === undefined) return best ?? other
    return costOf(other) < costOf(best) ? other : best
  })
}

/** A coin with what it adds to a payment after the fee for its own input. */
interface Candidate<Choice extends CoinChoice> {
  readonly choice: Choice
  readonly gain: Amount
}

/** The fee for one more input, rounded up to whole virtual bytes so that a sum of gains never promises too much. */
function spendingFee(task: SelectionTask<CoinChoice>, inputWeight: number): Amount {
  return task.fee(1, 4 * Math.ceil(inputWeight / 4), false) - task.fee(0, 0, false) + 1n
}

function compareAmounts(a: Amount, b: Amount): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Works out fee and change of chosen coins; `undefined` when they are not enough. */
function settle<Choice extends CoinChoice>(
  task: SelectionTask<Choice>,
  chosen: readonly Choice[] | undefined,
): Selection<Choice> | undefined {
  if (chosen === undefined) return undefined
  let sum = 0n
  let weight = 0
  for (const { value, inputWeight } of chosen) {
    sum += value
    weight += inputWeight
  }
  const rest = sum - task.amount
  const fee = task.fee(chosen.length, weight, true)
  if (rest - fee >= task.minimumChange) return { chosen, fee, change: rest - fee }
  return rest >= task.fee(chosen.length, weight, false) ? { chosen, fee: rest, change: 0n } : undefined
}

/** Steps after which the search for an exact match gives up; a few hundredths of a second. */
const MAX_STEPS = 100_000

/**
 * Depth-first search for the coins whose gains exceed the goal least, by less than an output for change would cost.
 *
 * Each step decides one coin, in before out; a branch ends when it exceeds the window or cannot reach the goal any more.
 */
function searchExact<Choice extends CoinChoice>(
  task: SelectionTask<Choice>,
  sorted: readonly Candidate<Choice>[],
): readonly Choice[] | undefined {
  const goal = task.amount + task.fee(0, 0, false)
  const window = task.fee(0, 0, true) - task.fee(0, 0, false) + task.minimumChange
  const rests = remainders(sorted)
  const path: number[] = []
  let best: number[] | undefined
  let excess = window
  let sum = 0n
  let at = 0
  for (let step = 0; step < MAX_STEPS && excess > 0n; step++) {
    if (sum >= goal && sum - goal < excess) {
      best = [...path]
      excess = sum - goal
    }
    const isDeadEnd = sum >= goal || sum + (rests[at] ?? 0n) < goal || at === sorted.length
    if (!isDeadEnd) {
      path.push(at)
      sum += (sorted[at] as Candidate<Choice>).gain
      at += 1
      continue
    }
    const last = path.pop()
    if (last === undefined) break
    const { gain } = sorted[last] as Candidate<Choice>
    sum -= gain
    at = last + 1
    // Leaving out one of two equal coins and taking the other gives the same sums again.
    while (sorted[at]?.gain === gain) at += 1
  }
  return best?.map((index) => (sorted[index] as Candidate<Choice>).choice)
}

/** For each position the sum of the gains from there to the end. */
function remainders(sorted: readonly Candidate<CoinChoice>[]): Amount[] {
  const rests: Amount[] = []
  let sum = 0n
  for (let at = sorted.length - 1; at >= 0; at--) {
    sum += (sorted[at] as Candidate<CoinChoice>).gain
    rests[at] = sum
  }
  return rests
}

function smallestSufficient<Choice extends CoinChoice>(
  task: SelectionTask<Choice>,
  sorted: readonly Candidate<Choice>[],
): Selection<Choice> | undefined {
  for (const { choice } of sorted.toReversed()) {
    const selection = settle(task, [choice])
    if (selection !== undefined) return selection
  }
  return undefined
}

function largestFirst<Choice extends CoinChoice>(
  task: SelectionTask<Choice>,
  sorted: readonly Candidate<Choice>[],
): Selection<Choice> | undefined {
  const chosen: Choice[] = []
  let sum = 0n
  for (const { choice } of sorted) {
    chosen.push(choice)
    sum += choice.value
    if (sum <= task.amount) continue
    const selection = settle(task, chosen)
    if (selection !== undefined) return selection
  }
  return undefined
}
