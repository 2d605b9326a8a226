/**
 * Golomb-coded sets: sorted numbers stored as Golomb-Rice coded differences.
 *
 * Source: BIP158, "Golomb-Coded Sets".
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import { BitReader, BitWriter } from './bit-stream.ts'

/** Bits of the remainder: Golomb-Rice parameter of the basic filter. Source: BIP158. */
const P = 19

/** Inverse of the false-positive rate: each item hashes into `0 … count * M`. Source: BIP158. */
export const FILTER_M = 784_931

/** Most bytes of a filter, a thousand times those of the fullest block: positions in bits stay below 2^31. */
const MAX_FILTER_LENGTH = 2 ** 28 - 1

/**
 * Encodes numbers: CompactSize of the count, then the coded differences, padded with zero bits.
 *
 * @param sorted - ascending, each below 2^53
 */
export function encodeGolombSet(sorted: ArrayLike<number>): Uint8Array {
  const writer = new BitWriter(new ByteWriter().writeCompactSize(sorted.length).toBytes())
  let previous = 0
  for (let index = 0; index < sorted.length; index++) {
    const value = sorted[index] as number
    const difference = value - previous
    writer.writeUnary(Math.floor(difference / 2 ** P))
    writer.writeBits(difference % 2 ** P, P)
    previous = value
  }
  return writer.toBytes()
}

/**
 * Reads the numbers of a set, ascending, one by one; what follows the last is looked at only after it was taken.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `filter-malformed`
 */
export function* decodeGolombSet(filter: Bytes): Generator<number> {
  const reader = new GolombReader(filter)
  for (let value = reader.next(); value !== undefined; value = reader.next()) yield value
}

/** How many numbers a set holds. @throws {DecodeError} as {@link decodeGolombSet} */
export function golombSetSize(filter: Bytes): number {
  return new GolombReader(filter).count
}

/** A cursor over the numbers of a set. */
export class GolombReader {
  /** How many numbers the set holds. */
  readonly count: number
  readonly #reader: BitReader
  #taken = 0
  #value = 0

  /** @throws {DecodeError} `bytes-*`, `compact-size-*`, `filter-malformed` */
  constructor(filter: Bytes) {
    const reader = new ByteReader(filter)
    this.count = reader.readCompactSize()
    if (this.count * (P + 1) > reader.remaining * 8 || filter.length > MAX_FILTER_LENGTH) {
      const message = `A filter of ${filter.length} bytes does not hold ${this.count} items.`
      throw new DecodeError('filter-malformed', message, { count: this.count, length: filter.length })
    }
    this.#reader = new BitReader(filter, reader.offset)
  }

  /** The next number, or `undefined` after the last. @throws {DecodeError} `filter-malformed` */
  next(): number | undefined {
    if (this.#taken === this.count) {
      this.#reader.expectEnd()
      return undefined
    }
    this.#taken += 1
    this.#value += this.#reader.readUnary() * 2 ** P + this.#reader.readBits(P)
    return this.#value
  }
}
