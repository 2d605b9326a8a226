/**
 * Writes Bitcoin's little-endian integers and length-prefixed fields; the counterpart of `ByteReader`.
 */
import type { Bytes } from './bytes.ts'

/** A growing byte array. */
export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  /** @param capacity - bytes to reserve at first; the writer grows beyond them by itself */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length
  }

  #reserve(length: number): number {
    const start = this.#length
    const end = start + length
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, start))
      this.#bytes = grown
      this.#view = new DataView(grown.buffer)
    }
    this.#length = end
    return start
  }

  /** Writes one byte. @param value - 0 to 255 */
  writeUint8(value: number): this {
    const at = this.#reserve(1)
    this.#view.setUint8(at, value)
    return this
  }

  /** Writes two bytes, little-endian. @param value - 0 to 2^16 - 1 */
  writeUint16(value: number): this {
    const at = this.#reserve(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  /** Writes four bytes, little-endian. @param value - 0 to 2^32 - 1 */
  writeUint32(value: number): this {
    const at = this.#reserve(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  /** Writes four bytes, little-endian, two's complement. @param value - -2^31 to 2^31 - 1 */
  writeInt32(value: number): this {
    const at = this.#reserve(4)
    this.#view.setInt32(at, value, true)
    return this
  }

  /** Writes eight bytes, little-endian, two's complement. @param value - -2^63 to 2^63 - 1 */
  writeInt64(value: bigint): this {
    const at = this.#reserve(8)
    this.#view.setBigInt64(at, value, true)
    return this
  }

  /** Writes bytes as they are, without their length. */
  writeBytes(bytes: Bytes): this {
    const at = this.#reserve(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  /** The shortest CompactSize of `value` (0 to 2^53 - 1). */
  writeCompactSize(value: number): this {
    if (value < 0xfd) return this.writeUint8(value)
    if (value <= 0xffff) return this.writeUint8(0xfd).writeUint16(value)
    if (value <= 0xffffffff) return this.writeUint8(0xfe).writeUint32(value)
    return this.writeUint8(0xff)
      .writeUint32(value % 0x100000000)
      .writeUint32(Math.floor(value / 0x100000000))
  }

  /** A CompactSize and the bytes. */
  writeVarBytes(bytes: Bytes): this {
    return this.writeCompactSize(bytes.length).writeBytes(bytes)
  }

  /** Forgets what was written and keeps the room for it, so that one writer serves many short messages. */
  clear(): this {
    this.#length = 0
    return this
  }

  /** Everything written so far, as a view that holds until the next write. */
  get view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Everything written so far, in an array of its own. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}
