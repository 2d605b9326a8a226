/**
 * Records of a block file whose blocks came before their parents: where they are, by the parent that they wait for. The
 * blocks themselves stay in the file.
 *
 * Source: docs/protocol/block-files.md#order
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'

/** Where a block is in a block file. */
export interface BlockPlace {
  /** Of the record. */
  readonly offset: number
  /** Of the block. */
  readonly length: number
}

/** Most records that are remembered unless the caller says otherwise; one takes about 200 bytes. */
export const MAX_WAITING = 500_000

/** Places of blocks by their parent. When there are too many, the oldest are forgotten. */
export class WaitingRecords {
  readonly #limit: number
  readonly #places = new Map<string, { readonly parent: BlockHash; readonly places: BlockPlace[] }>()
  #count = 0
  #bytes = 0
  #forgotten = 0

  /** @param limit - most records that are remembered */
  constructor(limit: number = MAX_WAITING) {
    this.#limit = limit
  }

  /** Length of the blocks that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many were forgotten. */
  get forgotten(): number {
    return this.#forgotten
  }

  /** Remembers a block until its parent comes. */
  add(parent: BlockHash, place: BlockPlace): void {
    const key = bytesKey(parent)
    const siblings = this.#places.get(key)
    // A copy: the hash may be a view of a large piece of the file.
    if (siblings === undefined) this.#places.set(key, { parent: parent.slice(), places: [place] })
    else siblings.places.push(place)
    this.#count += 1
    this.#bytes += place.length
    if (this.#count > this.#limit) this.#forgetOldest()
  }

  /** The parents that are waited for. */
  parents(): readonly BlockHash[] {
    return Array.from(this.#places.values(), ({ parent }) => parent)
  }

  /** The blocks that wait for a parent; they are not remembered any more. */
  take(parent: BlockHash): readonly BlockPlace[] {
    return this.#remove(bytesKey(parent))
  }

  /** All that wait, with their parents. They are not remembered any more. */
  clear(): (readonly [parent: BlockHash, place: BlockPlace])[] {
    const all = [...this.#places.values()].flatMap(({ parent, places }) =>
      places.map((place) => [parent, place] as const),
    )
    this.#places.clear()
    this.#count = 0
    this.#bytes = 0
    return all
  }

  #remove(key: string): readonly BlockPlace[] {
    const { places } = this.#places.get(key) ?? { places: [] }
    this.#places.delete(key)
    this.#count -= places.length
    for (const { length } of places) this.#bytes -= length
    return places
  }

  #forgetOldest(): void {
    const [oldest] = this.#places.keys()
    if (oldest !== undefined) this.#forgotten += this.#remove(oldest).length
  }
}
