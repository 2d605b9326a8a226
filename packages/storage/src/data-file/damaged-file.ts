/**
 * Random access to a data file that may be damaged in any way: what cannot be read is not there, and is no error.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { storeError } from '../errors.ts'

/** The page size of nearly every LMDB file. */
const USUAL_PAGE_SIZE = 4096
/** Where a meta page has its magic number and the page size. */
const MAGIC_OFFSET = 24
const PAGE_SIZE_OFFSET = 48
const MAGIC = 0xbeefc0de

/** An open file, to be closed by its owner. */
export class DamagedFile {
  /** Length of the file in bytes. */
  readonly size: number
  /** Bytes of a page, as a meta page says; the usual number where none can be read. */
  readonly pageSize: number
  readonly #descriptor: number

  /** @throws {OperationalError} `store-failed`, `store-read-only` when the file cannot be opened at all */
  constructor(file: string) {
    try {
      this.#descriptor = openSync(file, 'r')
      this.size = fstatSync(this.#descriptor).size
    } catch (error) {
      throw storeError(file, error)
    }
    this.pageSize = this.#findPageSize()
  }

  /** Up to `length` bytes from `position` on: less at the end of the file, none where the disk fails. */
  read(position: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - position))
    const bytes = new Uint8Array(wanted)
    if (wanted === 0) return bytes
    try {
      return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, wanted, position))
    } catch {
      // A sector that cannot be read is damage like any other; there is nothing else to do for it.
      return bytes.subarray(0, 0)
    }
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#descriptor)
  }

  /** The first meta page is at 0, the second one page behind it; each states the page size. */
  #findPageSize(): number {
    for (let size = 256; size <= 65_536; size *= 2) {
      if (this.#statedPageSize(0) === size || this.#statedPageSize(size) === size) return size
    }
    return USUAL_PAGE_SIZE
  }

  #statedPageSize(position: number): number | undefined {
    const bytes = this.read(position, PAGE_SIZE_OFFSET + 4)
    if (bytes.length < PAGE_SIZE_OFFSET + 4) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    return view.getUint32(MAGIC_OFFSET, true) === MAGIC ? view.getUint32(PAGE_SIZE_OFFSET, true) : undefined
  }
}
