/**
 * Reads Bitcoin's little-endian integers and length-prefixed fields from bytes, without copying them.
 *
 * Every read is bounded by what is there: a count or length is checked against the bytes left before anything is
 * allocated for it.
 */
import { DecodeError } from '../errors/index.ts'
import type { Bytes } from './bytes.ts'

/** A cursor over bytes. Arrays that it returns are views of the source. */
export class ByteReader {
  readonly bytes: Bytes
  readonly #view: DataView
  #offset: number

  constructor(bytes: Bytes, offset = 0) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = offset
  }

  /** Position of the next byte. */
  get offset(): number {
    return this.#offset
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.bytes.length - this.#offset
  }

  /** Takes `length` bytes and returns the position of the first. @throws {DecodeError} `bytes-truncated` */
  #take(length: number): number {
    const start = this.#offset
    if (length > this.bytes.length - start) throw truncated(start, length, this.bytes.length)
    this.#offset = start + length
    return start
  }

  /** The next byte, 0 to 255. @throws {DecodeError} `bytes-truncated` */
  readUint8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  /** Two bytes, little-endian: 0 to 2^16 - 1. @throws {DecodeError} `bytes-truncated` */
  readUint16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  /** Four bytes, little-endian: 0 to 2^32 - 1. @throws {DecodeError} `bytes-truncated` */
  readUint32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  /** Four bytes, little-endian, two's complement: -2^31 to 2^31 - 1. @throws {DecodeError} `bytes-truncated` */
  readInt32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  /** Eight bytes, little-endian, two's complement: -2^63 to 2^63 - 1. @throws {DecodeError} `bytes-truncated` */
  readInt64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true)
  }

  /** A view of the next `length` bytes. @throws {DecodeError} `bytes-truncated` */
  readBytes(length: number): Uint8Array {
    const start = this.#take(length)
    return this.bytes.subarray(start, start + length)
  }

  /**
   * Bitcoin's CompactSize: 1, 3, 5 or 9 bytes; only the shortest form is accepted.
   *
   * Source: Bitcoin developer reference, "CompactSize unsigned integers".
   * @throws {DecodeError} `bytes-truncated`, `compact-size-not-minimal`, `compact-size-too-large` (above 2^53 - 1)
   */
  readCompactSize(): number {
    const first = this.readUint8()
    if (first < 0xfd) return first
    if (first === 0xfd) return minimal(this.readUint16(), 0xfd)
    if (first === 0xfe) return minimal(this.readUint32(), 0x10000)
    const low = this.readUint32()
    const high = this.readUint32()
    if (high >= 0x200000) {
      throw new DecodeError('compact-size-too-large', 'A CompactSize is above 2^53 - 1.', {
        offset: this.#offset,
      })
    }
    return minimal(high * 0x100000000 + low, 0x100000000)
  }

  /**
   * A CompactSize that counts items of at least `smallest` bytes each.
   *
   * @throws {DecodeError} as {@link readCompactSize}, and `bytes-truncated` when so many items cannot be there
   */
  readCount(smallest: number): number {
    const count = this.readCompactSize()
    if (count > this.remaining / smallest) throw truncated(this.#offset, count * smallest, this.bytes.length)
    return count
  }

  /** A CompactSize and as many bytes. @throws {DecodeError} as {@link readCompactSize} */
  readVarBytes(): Uint8Array {
    return this.readBytes(this.readCompactSize())
  }

  /** Ends the reading. @throws {DecodeError} `bytes-left-over` when bytes are left */
  expectEnd(): void {
    if (this.remaining !== 0) {
      throw new DecodeError('bytes-left-over', `${this.remaining} bytes follow the end of the encoding.`, {
        offset: this.#offset,
        remaining: this.remaining,
      })
    }
  }
}

function truncated(offset: number, needed: number, length: number): DecodeError {
  return new DecodeError(
    'bytes-truncated',
    `The encoding needs ${needed} bytes at offset ${offset}, but has only ${length} in all.`,
    { offset, needed, length },
  )
}

function minimal(value: number, least: number): number {
  if (value < least) {
    throw new DecodeError(
      'compact-size-not-minimal',
      `The CompactSize of ${value} is not in its shortest form.`,
      {
        value,
      },
    )
  }
  return value
}
