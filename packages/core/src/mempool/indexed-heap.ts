/**
 * A binary heap whose items know their place, so that an item whose rank changed is moved, and one that is gone is taken
 * out, without a search. Every change takes O(log n) steps.
 */

/** What stands in a heap; `place` belongs to the heap. */
export interface HeapItem {
  /** Place in the heap; meaningless outside it. */
  place: number
}

/** Bounded by whoever adds to it. */
export class IndexedHeap<Item extends HeapItem> {
  readonly #items: Item[] = []
  readonly #precedes: (a: Item, b: Item) => boolean

  /** @param precedes - whether `a` must come out before `b`; a strict order */
  constructor(precedes: (a: Item, b: Item) => boolean) {
    this.#precedes = precedes
  }

  /** How many items wait. */
  get size(): number {
    return this.#items.length
  }

  /** The item that comes out next. */
  get first(): Item | undefined {
    return this.#items[0]
  }

  /** Whether an item is in the heap. */
  has(item: Item): boolean {
    return this.#items[item.place] === item
  }

  /** Puts an item in; it must not be in a heap already. */
  add(item: Item): void {
    item.place = this.#items.length
    this.#items.push(item)
    this.#rise(item)
  }

  /** Puts an item where it belongs after its rank has changed. */
  update(item: Item): void {
    this.#rise(item)
    this.#sink(item)
  }

  /** Takes an item out; nothing happens when it is not there. */
  delete(item: Item): void {
    if (!this.has(item)) return
    const last = this.#items.pop() as Item
    if (last === item) return
    this.#put(last, item.place)
    this.update(last)
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item
    item.place = place
  }

  #rise(item: Item): void {
    for (;;) {
      const above = this.#items[(item.place - 1) >> 1]
      if (above === undefined || !this.#precedes(item, above)) return
      this.#swap(item, above)
    }
  }

  #sink(item: Item): void {
    for (;;) {
      const left = this.#items[2 * item.place + 1]
      const right = this.#items[2 * item.place + 2]
      if (left === undefined) return
      const below = right !== undefined && this.#precedes(right, left) ? right : left
      if (!this.#precedes(below, item)) return
      this.#swap(item, below)
    }
  }

  #swap(a: Item, b: Item): void {
    const place = a.place
    this.#put(a, b.place)
    this.#put(b, place)
  }
}
