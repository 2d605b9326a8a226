/**
 * Alarms in the order of their moments, and of one moment in the order in which they were set: a binary heap.
 */
import type { Timer } from '../clock.ts'

/** A call that is due. */
export interface Alarm {
  readonly moment: number
  readonly callback: () => void
}

interface Entry extends Alarm {
  readonly sequence: number
  isCancelled: boolean
}

/** Bound: twice what was added and not cancelled, and a little more. */
export class AlarmQueue {
  #heap: Entry[] = []
  #sequence = 0
  #cancelled = 0

  /** Adds an alarm. */
  add(moment: number, callback: () => void): Timer {
    const entry: Entry = { moment, callback, sequence: this.#sequence, isCancelled: false }
    this.#sequence += 1
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
    return { cancel: () => this.#cancel(entry) }
  }

  /** Takes out the first alarm unless it is after `end`. */
  take(end: number): Alarm | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || (!first.isCancelled && first.moment > end)) return undefined
      this.#removeFirst()
      if (!first.isCancelled) {
        first.isCancelled = true
        return first
      }
      this.#cancelled -= 1
    }
  }

  #cancel(entry: Entry): void {
    if (entry.isCancelled) return
    entry.isCancelled = true
    this.#cancelled += 1
    if (this.#cancelled > 1_000 && this.#cancelled > this.#heap.length / 2) this.#sweep()
  }

  #sweep(): void {
    this.#heap = this.#heap.filter(({ isCancelled }) => !isCancelled).sort(compare)
    this.#cancelled = 0
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    const entry = this.#heap[from] as Entry
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#heap[above] as Entry
      if (compare(parent, entry) <= 0) break
      this.#heap[index] = parent
      index = above
    }
    this.#heap[index] = entry
  }

  #sink(from: number): void {
    const entry = this.#heap[from] as Entry
    let index = from
    for (let below = this.#smallerChild(index); below !== undefined; below = this.#smallerChild(index)) {
      const child = this.#heap[below] as Entry
      if (compare(entry, child) <= 0) break
      this.#heap[index] = child
      index = below
    }
    this.#heap[index] = entry
  }

  #smallerChild(index: number): number | undefined {
    const [left, right] = [2 * index + 1, 2 * index + 2]
    const [first, second] = [this.#heap[left], this.#heap[right]]
    if (first === undefined) return undefined
    return second !== undefined && compare(second, first) < 0 ? right : left
  }
}

function compare(a: Entry, b: Entry): number {
  return a.moment === b.moment ? a.sequence - b.sequence : a.moment - b.moment
}
