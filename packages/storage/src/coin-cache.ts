/**
 * A cache of coins in front of the table `coins`, with a budget of bytes: what was read or written last, encoded as in its
 * row.
 *
 * All of it lies in flat arrays, so that the budget is what the cache really takes, and the garbage collector has nothing to
 * look at. Each coin has sixteen places where it may be, a bucket, chosen by its transaction id; when all are taken, the one
 * that was put there first goes. Somebody who makes ids that share their places loses his own coins from the cache, no more.
 *
 * The cache begins small and grows up to the budget; a small cache is a fast one, because what it costs is waiting for
 * memory. It grows by linear hashing: one bucket at a time is split in two, so that no coin that is put in waits for many
 * others to be moved.
 *
 * Not for coins whose rows are longer than {@link MAX_CACHED_LENGTH}, which only unusual scripts have: they are read from
 * the table each time.
 *
 * Source: Litwin, "Linear hashing: a new tool for file and table addressing" (1980)
 */
import type { Coin, OutPoint } from '@chain/core/primitives'
import { BUCKET_LENGTH, CoinBuckets, EMPTY, MAX_CACHED_LENGTH, WAYS } from './coin-buckets.ts'
import type { CoinRows } from './coin-rows.ts'

/** Fewest buckets at first, unless the budget has room for less: a thousand coins. */
const FIRST_BUCKETS = 64
/**
 * Part of all places that is taken when the next bucket is split. Those that are still to be split are up to twice as full,
 * and up to 5/8 full ones are rare.
 */
const FILLED = 5 / 16
/** Buckets whose memory is taken at once: 1.4 MB. */
const PIECE_LENGTH = 1_024

/** Coins by outpoint, in bounded memory. Holds exactly what is put into it, or less. */
export class CoinCache {
  readonly #firstBuckets: number
  /** A power of two times the first. */
  readonly #mostBuckets: number
  #pieces: CoinBuckets[] = []
  #buckets = 0
  /** How many buckets there were when the last one of them had been split: a power of two times the first. */
  #base = 0
  #count = 0

  /** @param budget - bytes of memory; below those of one bucket of sixteen coins nothing is cached */
  constructor(budget: number) {
    const affordable = Math.floor(budget / BUCKET_LENGTH)
    const doublings = Math.max(0, Math.floor(Math.log2(affordable / FIRST_BUCKETS)))
    this.#firstBuckets = Math.floor(affordable / 2 ** doublings)
    this.#mostBuckets = this.#firstBuckets * 2 ** doublings
    this.clear()
  }

  /** Most coins that it will hold: 1 in 64 of the budget may be left over. */
  get capacity(): number {
    return this.#mostBuckets * WAYS
  }

  /** The coin at an outpoint, or `undefined` when it is not cached, whether there is one or not. */
  get(outpoint: OutPoint): Coin | undefined {
    if (this.#buckets === 0) return undefined
    const tag = tagOf(outpoint)
    const bucket = this.#bucketOf(tag)
    const piece = this.#pieceOf(bucket)
    const place = piece.find(bucket % PIECE_LENGTH, tag, outpoint)
    return place === undefined ? undefined : piece.read(place)
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
    const bucket = this.#bucketOf(tag)
    const piece = this.#pieceOf(bucket)
    const place = piece.find(bucket % PIECE_LENGTH, tag, outpoint) ?? this.#take(piece, bucket % PIECE_LENGTH)
    piece.write(place, tag, outpoint, bytes, start, end)
    if (this.#count > this.#buckets * WAYS * FILLED && this.#buckets < this.#mostBuckets) this.#split()
  }

  /** Takes a coin out, if it is there. */
  delete(outpoint: OutPoint): void {
    if (this.#buckets === 0) return
    const tag = tagOf(outpoint)
    const bucket = this.#bucketOf(tag)
    const piece = this.#pieceOf(bucket)
    const place = piece.find(bucket % PIECE_LENGTH, tag, outpoint)
    if (place === undefined) return
    piece.empty(place)
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

  /** Takes every coin out, and gives back the memory. */
  clear(): void {
    this.#pieces = []
    this.#buckets = this.#firstBuckets
    this.#base = this.#firstBuckets
    this.#count = 0
    if (this.#buckets > 0) this.#addPiece()
  }

  #addPiece(): void {
    const begun = this.#pieces.length * PIECE_LENGTH
    this.#pieces.push(new CoinBuckets(Math.min(PIECE_LENGTH, this.#mostBuckets - begun)))
  }

  /** A place of a bucket for a coin that is not there: an empty one, or that of the coin that came first. */
  #take(piece: CoinBuckets, bucket: number): number {
    const place = piece.findEmpty(bucket)
    if (place === undefined) return piece.oldest(bucket)
    this.#count += 1
    return place
  }

  /** Adds a bucket, and moves the coins to it that belong there now: all of them lie in the next one to be split. */
  #split(): void {
    const [from, to] = [this.#buckets - this.#base, this.#buckets]
    if (to === this.#pieces.length * PIECE_LENGTH) this.#addPiece()
    this.#buckets += 1
    if (this.#buckets === this.#base * 2) this.#base = this.#buckets
    const [source, target] = [this.#pieceOf(from), this.#pieceOf(to)]
    const [first, firstEmpty] = [(from % PIECE_LENGTH) * WAYS, (to % PIECE_LENGTH) * WAYS]
    let moved = 0
    for (let place = first; place < first + WAYS; place++) {
      const tag = source.tagAt(place)
      if (tag === EMPTY || this.#bucketOf(tag) === from) continue
      source.move(place, target, firstEmpty + moved)
      moved += 1
    }
  }

  #bucketOf(tag: number): number {
    const bucket = tag % (this.#base * 2)
    return bucket < this.#buckets ? bucket : bucket - this.#base
  }

  #pieceOf(bucket: number): CoinBuckets {
    return this.#pieces[Math.floor(bucket / PIECE_LENGTH)] as CoinBuckets
  }
}

/** Transaction ids are random enough to be their own hash; the outputs of one transaction are spread. */
function tagOf({ txid, index }: OutPoint): number {
  const low = (txid[0] as number) | ((txid[1] as number) << 8)
  const high = (txid[2] as number) | ((txid[3] as number) << 8)
  const tag = (low ^ (high << 16) ^ Math.imul(index, 0x9e3779b1)) >>> 0
  return tag === EMPTY ? 1 : tag
}
