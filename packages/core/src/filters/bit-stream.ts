/**
 * Writes and reads bits, most significant first, as Golomb-Rice codes need them: runs of ones and fields of a few bits.
 */
import type { Bytes } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'

/** Bits behind bytes that are already there. */
export class BitWriter {
  #bytes: Uint8Array
  /** How many bits were written. */
  #length: number

  /** @param start - bytes before the bits */
  constructor(start: Bytes) {
    this.#bytes = new Uint8Array(start.length + 64)
    this.#bytes.set(start)
    this.#length = start.length * 8
  }

  /** As many one bits as `value`, and a zero bit. */
  writeUnary(value: number): void {
    let left = value
    for (; left >= 16; left -= 16) this.writeBits(0xffff, 16)
    this.writeBits((1 << (left + 1)) - 2, left + 1)
  }

  /**
   * The lowest bits of a number.
   *
   * @param count - 1 to 24
   */
  writeBits(value: number, count: number): void {
    const at = this.#length >>> 3
    if (at + 4 > this.#bytes.length) this.#grow()
    // Four bytes from the one that is begun on hold 7 bits and 24 more.
    const shifted = value << (32 - count - (this.#length & 7))
    const bytes = this.#bytes
    bytes[at] = (bytes[at] as number) | (shifted >>> 24)
    bytes[at + 1] = shifted >>> 16
    bytes[at + 2] = shifted >>> 8
    bytes[at + 3] = shifted
    this.#length += count
  }

  /** All bytes, the last filled with zero bits. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, (this.#length + 7) >>> 3)
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

/** A cursor over bits. */
export class BitReader {
  readonly #bytes: Bytes
  /** Position of the next bit. */
  #at: number

  /** @param start - the byte to begin with */
  constructor(bytes: Bytes, start: number) {
    this.#bytes = bytes
    this.#at = start * 8
  }

  /** The number of one bits before the next zero bit. @throws {DecodeError} `filter-malformed` */
  readUnary(): number {
    let value = 0
    while (true) {
      const window = this.#window()
      const ones = Math.min(Math.clz32(~window), 24)
      this.#skip(ones)
      value += ones
      if (ones < 24) break
    }
    this.#skip(1)
    return value
  }

  /** A field of 1 to 24 bits. @throws {DecodeError} `filter-malformed` */
  readBits(count: number): number {
    const value = this.#window() >>> (32 - count)
    this.#skip(count)
    return value
  }

  /** Ends the reading: only zero bits that fill the last byte may be left. @throws {DecodeError} `filter-malformed` */
  expectEnd(): void {
    const bits = this.#bytes.length * 8 - this.#at
    if (bits >= 8 || this.#window() !== 0) {
      throw new DecodeError('filter-malformed', 'Bytes follow the last item of the filter.', { bits })
    }
  }

  /** The next bits at the top of 32, of which 25 at least are right; zeros behind the end. */
  #window(): number {
    const bytes = this.#bytes
    const at = this.#at >>> 3
    const word =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
    return word << (this.#at & 7)
  }

  #skip(count: number): void {
    this.#at += count
    if (this.#at > this.#bytes.length * 8) {
      throw new DecodeError('filter-malformed', 'The filter ends inside an item.')
    }
  }
}
