/**
 * Golomb-coded sets: sorted numbers stored as Golomb-Rice coded differences.
 *
 * Source: BIP158, "Golomb-Coded Sets".
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'

/** Bits of the remainder: Golomb-Rice parameter of the basic filter. Source: BIP158. */
const P = 19

/** Inverse of the false-positive rate: each item hashes into `0 … count * M`. Source: BIP158. */
export const FILTER_M = 784_931

/**
 * Encodes numbers: CompactSize of the count, then the coded differences, padded with zero bits.
 *
 * @param sorted - ascending, each below 2^53
 */
export function encodeGolombSet(sorted: readonly number[]): Uint8Array {
  const writer = new BitWriter(new ByteWriter().writeCompactSize(sorted.length))
  let previous = 0
  for (const value of sorted) {
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
  const { count, reader } = openGolombSet(filter)
  let value = 0
  for (let i = 0; i < count; i++) {
    value += reader.readUnary() * 2 ** P + reader.readBits(P)
    yield value
  }
  reader.expectEnd()
}

/** How many numbers a set holds. @throws {DecodeError} as {@link decodeGolombSet} */
export function golombSetSize(filter: Bytes): number {
  return openGolombSet(filter).count
}

function openGolombSet(filter: Bytes): { count: number; reader: BitReader } {
  const reader = new ByteReader(filter)
  const count = reader.readCompactSize()
  if (count * (P + 1) > reader.remaining * 8) {
    throw new DecodeError('filter-malformed', `The filter is too short for ${count} items.`, { count })
  }
  return { count, reader: new BitReader(filter.subarray(reader.offset)) }
}

/** Writes bits, most significant first. */
class BitWriter {
  readonly #out: ByteWriter
  #byte = 0
  #bits = 0

  constructor(out: ByteWriter) {
    this.#out = out
  }

  writeBit(bit: number): void {
    this.#byte = (this.#byte << 1) | bit
    if (++this.#bits === 8) {
      this.#out.writeUint8(this.#byte)
      this.#byte = 0
      this.#bits = 0
    }
  }

  writeUnary(value: number): void {
    for (let i = 0; i < value; i++) this.writeBit(1)
    this.writeBit(0)
  }

  writeBits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) this.writeBit((value >>> i) & 1)
  }

  toBytes(): Uint8Array {
    while (this.#bits !== 0) this.writeBit(0)
    return this.#out.toBytes()
  }
}

/** Reads bits, most significant first. */
class BitReader {
  readonly #bytes: Bytes
  #at = 0

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  readBit(): number {
    const byte = this.#bytes[this.#at >>> 3]
    if (byte === undefined) throw new DecodeError('filter-malformed', 'The filter ends inside an item.')
    return (byte >>> (7 - (this.#at++ & 7))) & 1
  }

  readUnary(): number {
    let value = 0
    while (this.readBit() === 1) value++
    return value
  }

  readBits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) value = (value << 1) | this.readBit()
    return value
  }

  /** Ends the reading: only zero bits that fill the last byte may be left. */
  expectEnd(): void {
    const bits = this.#bytes.length * 8 - this.#at
    if (bits >= 8 || this.readBits(bits) !== 0) {
      throw new DecodeError('filter-malformed', 'Bytes follow the last item of the filter.', { bits })
    }
  }
}
