/**
 * A cache of coins in front of the table `coins`, with a budget of bytes: what was read or written last, encoded as in its
 * row.
 *
 * All of it lies in flat arrays, so that the budget is what the cache really takes, and the garbage collector has nothing to
 * look at. They begin small, and are replaced by larger ones as they fill, up to the budget; a small cache is a fast one,
 * because what it costs is waiting for memory. Each coin has sixteen places where it may be, chosen by its transaction id;
 * when all are taken, the one that was put there first goes. Somebody who makes ids that share their places loses his own
 * coins from the cache, no more.
 *
 * Not for coins whose rows are longer than {@link MAX_CACHED_LENGTH}, which only unusual scripts have: they are read from
 * the table each time.
 */
import { ByteReader } from '@chain/core/bytes'
import { readCoin } from '@chain/core/chain'
import type { Coin, OutPoint } from '@chain/core/primitives'
import type { CoinRows } from './coin-rows.ts'

/** Places among which each coin has its own: their tags fill one cache line of the processor. */
const WAYS = 16
const TXID_LENGTH = 32
/** Transaction id 32, index 4, length of the row 1. */
const VALUE_OFFSET = TXID_LENGTH + 5

/** Longest row that is cached: one of P2WPKH or taproot has at most 47 bytes. */
export const MAX_CACHED_LENGTH = 47
/** What each place takes in `#places`. */
const PLACE_LENGTH = VALUE_OFFSET + MAX_CACHED_LENGTH
/** Bytes of memory for each coin, tag included. */
export const CACHED_COIN_LENGTH: number = PLACE_LENGTH + 4
/** Tag of a place that holds nothing. */
const EMPTY = 0
/** Bytes of a bucket: its places and which of them goes next. */
const BUCKET_LENGTH = WAYS * CACHED_COIN_LENGTH + 1
/** Buckets at first: a thousand coins. */
const FIRST_BUCKETS = 64
/** Full buckets are rare until so many of all places are taken; then it is time for larger arrays. */
const FILLED = 5 / 8

/** Coins by outpoint, in bounded memory. Holds exactly what is put into it, or less. */
export class CoinCache {
  readonly #mostBuckets: number
  #buckets = 0
  #places = new Uint8Array()
  #view = new DataView(this.#places.buffer)
  #tags = new Uint32Array()
  /** Which place of each bucket goes next. */
  #next = new Uint8Array()
  #count = 0

  /**
   * @param budget - bytes of memory, exceeded by half for a moment while the arrays grow; below that of one bucket of
   *   sixteen coins nothing is cached
   */
  constructor(budget: number) {
    this.#mostBuckets = Math.floor(budget / BUCKET_LENGTH)
    this.#allocate(Math.min(FIRST_BUCKETS, this.#mostBuckets))
  }

  /** Most coins that it will hold. */
  get capacity(): number {
    return this.#mostBuckets * WAYS
  }

  /** The coin at an outpoint, or `undefined` when it is not cached, whether there is one or not. */
  get(outpoint: OutPoint): Coin | undefined {
    if (this.#buckets === 0) return undefined
    const place = this.#find(outpoint, tagOf(outpoint))
    if (place === undefined) return undefined
    return readCoin(new ByteReader(this.#places, place * PLACE_LENGTH + VALUE_OFFSET))
  }

  /**
   * Puts a coin in, or in place of the one that was there.
   *
   * @param bytes - hold its row, well-formed, from `start` up to and without `end`; copied
   */
  put(outpoint: OutPoint, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#buckets === 0) return
    if (end - start > MAX_CACHED_LENGTH) {
      this.delete(outpoint)
      return
    }
    const tag = tagOf(outpoint)
    const place = this.#find(outpoint, tag) ?? this.#take(tag)
    const at = place * PLACE_LENGTH
    const places = this.#places
    places.set(outpoint.txid, at)
    this.#view.setUint32(at + TXID_LENGTH, outpoint.index)
    for (let from = start, to = at + VALUE_OFFSET; from < end; from++, to++) {
      places[to] = bytes[from] as number
    }
  }

  /** Takes a coin out, if it is there. */
  delete(outpoint: OutPoint): void {
    if (this.#buckets === 0) return
    const place = this.#find(outpoint, tagOf(outpoint))
    if (place === undefined) return
    this.#tags[place] = EMPTY
    this.#count -= 1
  }

  /** Follows a commit: coins that it made are put in, those that are gone are taken out. */
  update({ outpoints, bytes, ends }: CoinRows): void {
    if (this.#buckets === 0) return
    let start = 0
    for (let index = 0; index < outpoints.length; index++) {
      const outpoint = outpoints[index] as OutPoint
      const end = ends[index] as number
      if (end === start) this.delete(outpoint)
      else this.put(outpoint, bytes, start, end)
      start = end
    }
  }

  /** Takes every coin out. */
  clear(): void {
    this.#allocate(Math.min(FIRST_BUCKETS, this.#mostBuckets))
  }

  #allocate(buckets: number): void {
    this.#buckets = buckets
    this.#places = new Uint8Array(buckets * WAYS * PLACE_LENGTH)
    this.#view = new DataView(this.#places.buffer)
    this.#tags = new Uint32Array(buckets * WAYS)
    this.#next = new Uint8Array(buckets)
    this.#count = 0
  }

  /** Number of the place that holds a coin. */
  #find(outpoint: OutPoint, tag: number): number | undefined {
    const first = this.#firstPlace(tag)
    for (let place = first; place < first + WAYS; place++) {
      if (this.#tags[place] === tag && this.#isAt(place, outpoint)) return place
    }
    return undefined
  }

  #isAt(place: number, { txid, index }: OutPoint): boolean {
    const at = place * PLACE_LENGTH
    if (this.#view.getUint32(at + TXID_LENGTH) !== index) return false
    for (let i = 0; i < TXID_LENGTH; i++) if (this.#places[at + i] !== txid[i]) return false
    return true
  }

  /** Takes a place for a coin that is not there: an empty one, or that of the coin that came first. */
  #take(tag: number): number {
    if (this.#count > this.#tags.length * FILLED && this.#buckets < this.#mostBuckets) this.#grow()
    const first = this.#firstPlace(tag)
    for (let place = first; place < first + WAYS; place++) {
      if (this.#tags[place] !== EMPTY) continue
      this.#tags[place] = tag
      this.#count += 1
      return place
    }
    const bucket = first / WAYS
    const way = this.#next[bucket] as number
    this.#next[bucket] = (way + 1) % WAYS
    this.#tags[first + way] = tag
    return first + way
  }

  /** Moves every coin into arrays of twice the size, or of the budget's. */
  #grow(): void {
    const [tags, places] = [this.#tags, this.#places]
    this.#allocate(Math.min(this.#buckets * 2, this.#mostBuckets))
    for (let from = 0; from < tags.length; from++) {
      const tag = tags[from] as number
      if (tag === EMPTY) continue
      const at = from * PLACE_LENGTH
      this.#places.set(places.subarray(at, at + PLACE_LENGTH), this.#take(tag) * PLACE_LENGTH)
    }
  }

  #firstPlace(tag: number): number {
    return Math.floor((tag / 2 ** 32) * this.#buckets) * WAYS
  }
}

/** Transaction ids are random enough to be their own hash; the outputs of one transaction are spread. */
function tagOf({ txid, index }: OutPoint): number {
  const low = (txid[0] as number) | ((txid[1] as number) << 8)
  const high = (txid[2] as number) | ((txid[3] as number) << 8)
  const tag = (low ^ (high << 16) ^ Math.imul(index, 0x9e3779b1)) >>> 0
  return tag === EMPTY ? 1 : tag
}
