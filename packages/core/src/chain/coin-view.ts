/**
 * A coin view: changes to the set of coins, laid over coins that are read from elsewhere. Nothing is written until
 * somebody commits the changes; until then they can be taken back to any mark.
 */
import { type Coin, type OutPoint, outpointKey } from '../primitives/index.ts'

/** Reads a coin, or `undefined` when it does not exist or is spent. */
export type ReadCoin = (outpoint: OutPoint) => Coin | undefined

interface Change {
  readonly outpoint: OutPoint
  readonly coin: Coin | undefined
  /** Whether the base knows nothing of the outpoint, so that a coin made and spent here leaves no trace. */
  readonly fresh: boolean
}

type Step = readonly [key: string, before: Change | undefined]

/** Bounded by the inputs and outputs of what is connected to it. */
export class CoinView {
  readonly #read: ReadCoin
  readonly #changes = new Map<string, Change>()
  /** What each step replaced, so that it can be taken back: keys, and what stood there. */
  readonly #journal: Step[] = []

  /** @param read - the coins below this view */
  constructor(read: ReadCoin) {
    this.#read = read
  }

  /** The coin at an outpoint, as changed here. */
  get(outpoint: OutPoint): Coin | undefined {
    const change = this.#changes.get(outpointKey(outpoint))
    return change === undefined ? this.#read(outpoint) : change.coin
  }

  /** Takes a coin away and returns it, or `undefined` when there is none. */
  spend(outpoint: OutPoint): Coin | undefined {
    const key = outpointKey(outpoint)
    const change = this.#changes.get(key)
    const coin = change === undefined ? this.#read(outpoint) : change.coin
    if (coin === undefined) return undefined
    this.#journal.push([key, change])
    if (change?.fresh === true) this.#changes.delete(key)
    else this.#changes.set(key, { outpoint, coin: undefined, fresh: false })
    return coin
  }

  /** Puts a coin where there is none. */
  add(outpoint: OutPoint, coin: Coin): void {
    const key = outpointKey(outpoint)
    const change = this.#changes.get(key)
    this.#journal.push([key, change])
    this.#changes.set(key, { outpoint, coin, fresh: change === undefined })
  }

  /** Where the view stands now, for {@link rollBack}. */
  mark(): number {
    return this.#journal.length
  }

  /** Takes back everything since a mark. */
  rollBack(mark: number): void {
    while (this.#journal.length > mark) {
      const [key, before] = this.#journal.pop() as Step
      if (before === undefined) this.#changes.delete(key)
      else this.#changes.set(key, before)
    }
  }

  /** What changed in all: each outpoint once, with its coin or `undefined` when the coin is gone. */
  *changes(): Generator<readonly [OutPoint, Coin | undefined]> {
    for (const { outpoint, coin } of this.#changes.values()) yield [outpoint, coin]
  }
}
