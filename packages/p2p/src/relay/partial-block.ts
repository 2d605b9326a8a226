/**
 * A block that is put together from its compact form and from transactions that are here.
 *
 * Short ids are 48 bits long: two transactions may have the same. One that two transactions of ours have is asked for; a
 * block in which two transactions have the same is fetched whole, and so is one that does not fit its Merkle root in the end:
 * nobody is to blame for that.
 *
 * Not for asking (`compact-downloads.ts`) nor for judging the block.
 *
 * Source: BIP152; Bitcoin Core, `PartiallyDownloadedBlock`
 */
import { equalBytes } from '@chain/core/bytes'
import {
  type Block,
  type BlockHeader,
  type CompactBlock,
  type ShortId,
  shortId,
  shortIdKey,
  type Transaction,
  wtxid,
} from '@chain/core/primitives'

/** Most transactions of a block: 4,000,000 weight units of at least 240 each. */
const MAX_TRANSACTIONS = 16_666

/** A block with places that are still empty. */
export class PartialBlock {
  readonly header: BlockHeader
  readonly #places: (Transaction | undefined)[]
  /** The short ids of transactions that were not sent in full, with their places. */
  readonly #wanted: ReadonlyMap<ShortId, number>
  /** Places for which two transactions of ours would do. */
  readonly #doubtful = new Set<number>()
  readonly #shortIdOf: (transaction: Transaction) => ShortId

  private constructor(
    compact: CompactBlock,
    places: (Transaction | undefined)[],
    wanted: Map<ShortId, number>,
  ) {
    const key = shortIdKey(compact.header, compact.nonce)
    this.header = compact.header
    this.#places = places
    this.#wanted = wanted
    this.#shortIdOf = (transaction) => shortId(key, wtxid(transaction))
  }

  /**
   * Begins a block. `malformed`: no honest node makes such a compact block. `ambiguous`: two of its transactions have one
   * short id.
   */
  static begin(compact: CompactBlock): PartialBlock | 'malformed' | 'ambiguous' {
    const count = compact.shortIds.length + compact.prefilled.length
    if (count === 0 || count > MAX_TRANSACTIONS) return 'malformed'
    const places: (Transaction | undefined)[] = Array.from({ length: count }, () => undefined)
    for (const { index, transaction } of compact.prefilled) places[index] = transaction
    const wanted = new Map<ShortId, number>()
    let place = 0
    for (const id of compact.shortIds) {
      while (places[place] !== undefined) place++
      wanted.set(id, place)
      place++
    }
    if (wanted.size < compact.shortIds.length) return 'ambiguous'
    return new PartialBlock(compact, places, wanted)
  }

  /** How many transactions the block has. */
  get size(): number {
    return this.#places.length
  }

  /** Puts transactions that the block names into their places; ends when none is empty any more. */
  fillFrom(transactions: Iterable<Transaction>): void {
    let missing = this.missing.length
    if (missing === 0) return
    for (const transaction of transactions) {
      const place = this.#wanted.get(this.#shortIdOf(transaction))
      if (place === undefined || this.#doubtful.has(place)) continue
      const other = this.#places[place]
      if (other === undefined) {
        this.#places[place] = transaction
        missing -= 1
        if (missing === 0) return
      } else if (!equalBytes(wtxid(other), wtxid(transaction))) {
        this.#places[place] = undefined
        missing += 1
        this.#doubtful.add(place)
      }
    }
  }

  /** The places that are empty, ascending. */
  get missing(): number[] {
    return this.#places.flatMap((transaction, index) => (transaction === undefined ? index : []))
  }

  /**
   * Puts transactions into the places that are empty, in this order; says whether they are as many and the ones that the
   * block names there.
   */
  complete(transactions: readonly Transaction[]): boolean {
    const { missing } = this
    const fits =
      transactions.length === missing.length &&
      transactions.every((each, index) => this.#wanted.get(this.#shortIdOf(each)) === missing[index])
    if (fits) for (const [index, place] of missing.entries()) this.#places[place] = transactions[index]
    return fits
  }

  /** The block, or `undefined` while places are empty. */
  get block(): Block | undefined {
    const transactions = this.#places.filter((each) => each !== undefined)
    return transactions.length < this.size ? undefined : { header: this.header, transactions }
  }
}
