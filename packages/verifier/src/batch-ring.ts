/**
 * Batches of signature checks in shared memory: one thread publishes them, any number of threads take them.
 *
 *     published 4 | taken 4 | stopped 4 | checks in each place 4 × 256 | 256 places of 64 slots
 *
 * Batches are numbered from 0 on, modulo 2^32; batch n lies in place n modulo 256. `published` is the number of the next
 * batch to be published, `taken` that of the next to be taken: each batch is taken once, in order, by whoever moves
 * `taken` past it. Both only grow, and `taken` never passes `published`.
 *
 * Memory order: slots and count of a batch are written before `published` is stored, and read after it was loaded; both
 * are atomic operations, which order the plain ones around them. A place is written again only after the thread that
 * took its batch has said in a message that it is done: the ring does not know who is done, its owner does
 * (`verifier-pool.ts`).
 *
 * Source: ECMA-262, "Memory Model"
 */
import type { SignedDigest } from './engine.ts'
import { readSlot, SLOT_LENGTH, writeSlot } from './slots.ts'

/** Places for batches; a power of two, so that numbers may wrap. */
export const RING_PLACES = 256

/** Most checks of one batch. */
export const BATCH_CHECKS = 64

const PUBLISHED = 0
const TAKEN = 1
const STOPPED = 2
const COUNTS = 3

const CONTROL_LENGTH = 4 * (COUNTS + RING_PLACES)
const PLACE_LENGTH = BATCH_CHECKS * SLOT_LENGTH

/** Bytes of shared memory. */
export const RING_LENGTH: number = CONTROL_LENGTH + RING_PLACES * PLACE_LENGTH

/** A batch that this thread alone has. */
export interface TakenBatch {
  readonly number: number
  /** Its checks, in order; `undefined` for those that cannot be right. */
  readonly checks: readonly (SignedDigest | undefined)[]
}

/** The place of the batch with a number. */
export function placeOf(number: number): number {
  return number & (RING_PLACES - 1)
}

/** The ring as one thread sees it; all threads make one over the same memory. */
export class BatchRing {
  /** {@link RING_LENGTH} bytes, zero at first. */
  readonly memory: SharedArrayBuffer
  readonly #control: Int32Array
  readonly #slots: Uint8Array
  /** Where a batch is copied to, so that nothing is verified in memory that others can write to. */
  readonly #copy = new Uint8Array(PLACE_LENGTH)

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(RING_LENGTH)) {
    this.memory = memory
    this.#control = new Int32Array(memory, 0, CONTROL_LENGTH / 4)
    this.#slots = new Uint8Array(memory, CONTROL_LENGTH)
  }

  /** Number of the batch that is published next. */
  get next(): number {
    return Atomics.load(this.#control, PUBLISHED)
  }

  /**
   * Publishes the next batch, whose place must be free. For one thread only.
   *
   * @param checks - 1 to {@link BATCH_CHECKS}
   */
  publish(checks: readonly SignedDigest[]): void {
    const number = this.next
    const place = placeOf(number)
    for (const [index, check] of checks.entries())
      writeSlot(this.#slots, place * PLACE_LENGTH + index * SLOT_LENGTH, check)
    this.#control[COUNTS + place] = checks.length
    Atomics.store(this.#control, PUBLISHED, (number + 1) | 0)
    Atomics.notify(this.#control, PUBLISHED, 1)
  }

  /** Has all threads that take batches end, those that sleep now at once. */
  stop(): void {
    Atomics.store(this.#control, STOPPED, 1)
    Atomics.notify(this.#control, PUBLISHED)
  }

  /**
   * Takes the next batch, and blocks the thread until there is one; `undefined` when the thread is to end. The checks are good
   * until the next call.
   */
  take(): TakenBatch | undefined {
    while (Atomics.load(this.#control, STOPPED) === 0) {
      // In this order: `published` is at least what `taken` was.
      const number = Atomics.load(this.#control, TAKEN)
      const published = Atomics.load(this.#control, PUBLISHED)
      if (number === published) Atomics.wait(this.#control, PUBLISHED, published)
      else if (Atomics.compareExchange(this.#control, TAKEN, number, (number + 1) | 0) === number)
        return { number, checks: this.#read(placeOf(number)) }
    }
    return undefined
  }

  #read(place: number): (SignedDigest | undefined)[] {
    const count = this.#control[COUNTS + place] as number
    const start = place * PLACE_LENGTH
    this.#copy.set(this.#slots.subarray(start, start + count * SLOT_LENGTH))
    return Array.from({ length: count }, (_, index) => readSlot(this.#copy, index * SLOT_LENGTH))
  }
}
