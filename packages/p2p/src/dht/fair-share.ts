/**
 * Who must give way when a table that strangers fill is full: the oldest row of whoever has most of them.
 *
 * So nobody can push out others by filling the table: all that one owner adds beyond its share displaces its own rows. Not
 * for the rows themselves, which are kept elsewhere under the same ids.
 */

/** How many rows there may be. */
export interface FairShareLimits {
  readonly total: number
  readonly perOwner: number
}

/** The ids of rows by owner. Bound: `total` rows, of which `perOwner` for each owner. */
export class FairShare {
  readonly #limits: FairShareLimits
  readonly #owners = new Map<string, string>()
  /** Rows of each owner, the one that was renewed longest ago first. */
  readonly #rows = new Map<string, Set<string>>()

  constructor(limits: FairShareLimits) {
    this.#limits = limits
  }

  /** How many rows there are. */
  get size(): number {
    return this.#owners.size
  }

  /** The ids in a random order, in which nobody's second row comes before everybody's first. @param random - from 0 up to 1 */
  draw(random: () => number): string[] {
    const ranked = [...this.#rows.values()].flatMap((rows) =>
      shuffle([...rows], random).map((id, rank) => ({ id, rank })),
    )
    return shuffle(ranked, random)
      .sort((left, right) => left.rank - right.rank)
      .map(({ id }) => id)
  }

  /** Adds a row, or renews it; returns the row that gave way, if one had to. */
  add(id: string, owner: string): string | undefined {
    this.delete(id)
    this.#owners.set(id, owner)
    const rows = this.#rows.get(owner) ?? new Set()
    this.#rows.set(owner, rows.add(id))
    if (rows.size > this.#limits.perOwner) return this.#displace(rows)
    return this.#owners.size > this.#limits.total ? this.#displace(this.#largest()) : undefined
  }

  /** Makes a row the newest of its owner's; nothing happens when it is not there. */
  renew(id: string): void {
    const owner = this.#owners.get(id)
    if (owner !== undefined) this.add(id, owner)
  }

  /** Takes a row out; nothing happens when it is not there. */
  delete(id: string): void {
    const owner = this.#owners.get(id)
    if (owner === undefined) return
    this.#owners.delete(id)
    const rows = this.#rows.get(owner)
    rows?.delete(id)
    if (rows?.size === 0) this.#rows.delete(owner)
  }

  /** Of several largest owners, the one that came first. */
  #largest(): Set<string> {
    let largest = new Set<string>()
    for (const rows of this.#rows.values()) if (rows.size > largest.size) largest = rows
    return largest
  }

  #displace(rows: ReadonlySet<string>): string | undefined {
    const [oldest] = rows
    if (oldest !== undefined) this.delete(oldest)
    return oldest
  }
}

/** In an order that `random` chooses, in place. Source: Fisher and Yates */
function shuffle<Item>(items: Item[], random: () => number): Item[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const item = items[last] as Item
    items[last] = items[other] as Item
    items[other] = item
  }
  return items
}
