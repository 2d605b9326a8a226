/**
 * Numbers that look random and are the same for the same seed. Not for keys.
 *
 * Source: `sfc32` of PractRand (Chris Doty-Humphrey, public domain), seeded with SHA-256.
 */
import { sha256 } from '@chain/core/crypto'
import { invariant } from '@chain/core/errors'

/** A stream of numbers. Whoever needs some takes a {@link SeededRandom.fork}, so that one more here changes nothing there. */
export class SeededRandom {
  readonly #seed: string
  readonly #state: Uint32Array

  constructor(seed: string) {
    this.#seed = seed
    const digest = sha256(new TextEncoder().encode(seed))
    const view = new DataView(digest.buffer, digest.byteOffset)
    this.#state = Uint32Array.from([0, 4, 8, 12], (offset) => view.getUint32(offset, true))
  }

  /** A stream of its own for a purpose. */
  fork(purpose: string): SeededRandom {
    return new SeededRandom(`${this.#seed}/${purpose}`)
  }

  /** From 0 to below 1; bound, so that it can be handed on as a function. */
  readonly next = (): number => {
    const state = this.#state
    const [a, b, c, counter] = state as unknown as [number, number, number, number]
    const result = (a + b + counter) >>> 0
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + result
    state[3] = counter + 1
    return result / 2 ** 32
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  /** Exponentially distributed: the time between two events of a Poisson process. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** One of the items, of which there must be some. */
  pick<Item>(items: readonly Item[]): Item {
    invariant(items.length > 0, 'There is something to pick from.')
    return items[this.below(items.length)] as Item
  }

  /** So many of the items, none twice, in random order; all of them when there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[] {
    const pool = [...items]
    const size = Math.min(count, pool.length)
    for (let index = 0; index < size; index++) {
      const other = index + this.below(pool.length - index)
      const [left, right] = [pool[index] as Item, pool[other] as Item]
      pool[index] = right
      pool[other] = left
    }
    return pool.slice(0, size)
  }

  /** So many random bytes. */
  bytes(length: number): Uint8Array {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.next() * 2 ** 32)
    return new Uint8Array(words.buffer, 0, length)
  }
}
