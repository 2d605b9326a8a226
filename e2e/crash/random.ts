/**
 * Numbers that look random and follow from a seed and a name.
 */
import { createHash } from 'node:crypto'

/** Draws numbers: the same ones for the same seed and name. */
export class Random {
  readonly #source: string
  #count = 0

  constructor(seed: number, name: string) {
    this.#source = `${seed} ${name}`
  }

  /** At least 0 and below 1. */
  fraction(): number {
    const hash = createHash('sha256').update(`${this.#source} ${this.#count++}`)
    return hash.digest().readUInt32BE() / 2 ** 32
  }

  /** A whole number, at least 0 and below `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end)
  }

  /** One of some values. */
  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value
  }

  /** The values in another order. */
  shuffle<Value>(values: readonly Value[]): Value[] {
    return values
      .map((value) => ({ value, key: this.fraction() }))
      .sort((a, b) => a.key - b.key)
      .map(({ value }) => value)
  }
}
