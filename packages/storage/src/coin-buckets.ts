/**
 * Buckets of sixteen places each, in flat arrays: a piece of the memory of the coin cache.
 *
 * A place holds the transaction id (32 bytes), the index (4) and the row of a coin (up to 47); apart from it lies a tag of 4
 * bytes, so that the tags of a bucket fill one cache line of the processor. Not for deciding which bucket a coin belongs
 * into, nor how many there are (`coin-cache.ts`).
 */
import { ByteReader } from '@chain/core/bytes'
import { readCoin } from '@chain/core/chain'
import type { Coin, OutPoint } from '@chain/core/primitives'

/** Places of a bucket. */
export const WAYS = 16
/** Longest row that is cached: one of P2WPKH or taproot has at most 47 bytes. */
export const MAX_CACHED_LENGTH = 47

const TXID_LENGTH = 32
/** Behind the transaction id and the index. */
const ROW_OFFSET = TXID_LENGTH + 4
const PLACE_LENGTH = ROW_OFFSET + MAX_CACHED_LENGTH
/** Bytes of memory for each coin, tag included. */
export const CACHED_COIN_LENGTH: number = PLACE_LENGTH + 4
/** Bytes of a bucket: its places and which of them goes next. */
export const BUCKET_LENGTH: number = WAYS * CACHED_COIN_LENGTH + 1
/** Tag of a place that holds nothing. */
export const EMPTY = 0

/** A fixed number of buckets, each of which holds coins by tag and outpoint. */
export class CoinBuckets {
  readonly #places: Uint8Array
  readonly #view: DataView
  readonly #tags: Uint32Array
  /** Which place of each bucket goes next. */
  readonly #next: Uint8Array

  constructor(count: number) {
    this.#places = new Uint8Array(count * WAYS * PLACE_LENGTH)
    this.#view = new DataView(this.#places.buffer)
    this.#tags = new Uint32Array(count * WAYS)
    this.#next = new Uint8Array(count)
  }

  /** Number of the place in a bucket that holds a coin, or `undefined`. */
  find(bucket: number, tag: number, outpoint: OutPoint): number | undefined {
    const first = bucket * WAYS
    for (let place = first; place < first + WAYS; place++) {
      if (this.#tags[place] === tag && this.#isAt(place, outpoint)) return place
    }
    return undefined
  }

  /** An empty place of a bucket, or `undefined` when all are taken. */
  findEmpty(bucket: number): number | undefined {
    const first = bucket * WAYS
    for (let place = first; place < first + WAYS; place++) if (this.#tags[place] === EMPTY) return place
    return undefined
  }

  /** The place of a full bucket whose coin was put there first. */
  oldest(bucket: number): number {
    const way = this.#next[bucket] as number
    this.#next[bucket] = (way + 1) % WAYS
    return bucket * WAYS + way
  }

  /** Tag of a place, or {@link EMPTY}. */
  tagAt(place: number): number {
    return this.#tags[place] as number
  }

  /** The coin of a place that is not empty. */
  read(place: number): Coin {
    return readCoin(new ByteReader(this.#places, place * PLACE_LENGTH + ROW_OFFSET))
  }

  /** Writes a coin: its row is what `bytes` hold from `start` up to and without `end`, {@link MAX_CACHED_LENGTH} at most. */
  write(place: number, tag: number, outpoint: OutPoint, bytes: Uint8Array, start: number, end: number): void {
    const at = place * PLACE_LENGTH
    const places = this.#places
    this.#tags[place] = tag
    places.set(outpoint.txid, at)
    this.#view.setUint32(at + TXID_LENGTH, outpoint.index)
    for (let from = start, to = at + ROW_OFFSET; from < end; from++, to++) places[to] = bytes[from] as number
  }

  /** Makes a place empty. */
  empty(place: number): void {
    this.#tags[place] = EMPTY
  }

  /** Moves a coin to an empty place of these or other buckets. */
  move(place: number, target: CoinBuckets, to: number): void {
    const at = place * PLACE_LENGTH
    target.#places.set(this.#places.subarray(at, at + PLACE_LENGTH), to * PLACE_LENGTH)
    target.#tags[to] = this.tagAt(place)
    this.empty(place)
  }

  #isAt(place: number, { txid, index }: OutPoint): boolean {
    const at = place * PLACE_LENGTH
    if (this.#view.getUint32(at + TXID_LENGTH) !== index) return false
    for (let i = 0; i < TXID_LENGTH; i++) if (this.#places[at + i] !== txid[i]) return false
    return true
  }
}
