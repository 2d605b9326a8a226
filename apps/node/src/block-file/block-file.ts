/**
 * A block file under Bitcoin's names `bootstrap.dat` and `blk00000.dat`: records one after the other, each of them the
 * network's magic (4 bytes), the length of a block (u32) and the block.
 *
 * Reads any place of such a file, in pieces, so that its size does not matter. Not for finding the records
 * (`record-scanner.ts`) nor for judging what they hold (`import-blocks.ts`).
 *
 * Source: docs/protocol/block-files.md
 */
import { type FileHandle, open, stat } from 'node:fs/promises'
import { fileUnreadable } from '@chain/cli'
import { type Bytes, ByteWriter } from '@chain/core/bytes'
import { HEADER_LENGTH } from '@chain/core/primitives'
import { blockFileNotRegular } from '../errors.ts'

/** Length of the magic in bytes. */
export const MAGIC_LENGTH = 4

/** Length of what stands before the block in a record: magic and length. */
export const PREFIX_LENGTH: number = MAGIC_LENGTH + 4

/** Shortest block in bytes: a header and the count of its transactions. */
export const MIN_BLOCK_LENGTH: number = HEADER_LENGTH + 1

/** Bytes that are read at once; more where a record has more. */
const CHUNK_LENGTH = 4 * 1024 * 1024

/** What stands before a block of `length` bytes. */
export function encodePrefix(magic: Bytes, length: number): Uint8Array {
  return new ByteWriter(PREFIX_LENGTH).writeBytes(magic).writeUint32(length).toBytes()
}

/** An open block file. Keeps one piece of it in memory, and never writes into a piece that it gave out. */
export class BlockFile {
  readonly path: string
  readonly #handle: FileHandle
  #size: number
  #chunk: Bytes = new Uint8Array()
  #chunkStart = 0

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path
    this.#size = size
    this.#handle = handle
  }

  /**
   * Opens a file to read it.
   *
   * @throws {OperationalError} `file-unreadable`, `block-file-not-regular`
   */
  static async open(path: string): Promise<BlockFile> {
    try {
      // A look first: the opening of a pipe waits until somebody writes into it.
      const facts = path === '-' ? undefined : await stat(path)
      if (facts?.isFile() === true) return new BlockFile(path, facts.size, await open(path, 'r'))
    } catch (error) {
      throw fileUnreadable('import', path, error)
    }
    throw blockFileNotRegular(path)
  }

  /** Length in bytes when it was opened; less when it was cut since. What is appended later is not read. */
  get size(): number {
    return this.#size
  }

  /**
   * The bytes from `start` on: `length` of them, or those up to the end of the file. They are a view of a larger piece:
   * for reading on and on from the beginning to the end.
   *
   * @throws {OperationalError} `file-unreadable`
   */
  async read(start: number, length: number): Promise<Bytes> {
    const end = Math.min(start + length, this.#size)
    if (start < this.#chunkStart || end > this.#chunkStart + this.#chunk.length) {
      this.#chunk = await this.readApart(start, Math.max(length, CHUNK_LENGTH))
      this.#chunkStart = start
    }
    return this.#chunk.subarray(start - this.#chunkStart, end - this.#chunkStart)
  }

  /** The same bytes in an array of their own. @throws {OperationalError} `file-unreadable` */
  async readApart(start: number, length: number): Promise<Bytes> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.#size - start)))
    let filled = 0
    while (filled < bytes.length) {
      const count = await this.#readInto(bytes.subarray(filled), start + filled)
      filled += count
      if (count > 0) continue
      this.#size = start + filled
      break
    }
    return bytes.subarray(0, filled)
  }

  async #readInto(bytes: Uint8Array, position: number): Promise<number> {
    try {
      return (await this.#handle.read(bytes, 0, bytes.length, position)).bytesRead
    } catch (error) {
      throw fileUnreadable('import', this.path, error)
    }
  }

  /** Frees the file. */
  async close(): Promise<void> {
    await this.#handle.close()
  }
}
