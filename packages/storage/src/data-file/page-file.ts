/**
 * Random access to the bytes of an LMDB data file, for the check before it is opened.
 */
import { readSync } from 'node:fs'
import { storeCorrupt, storeError } from '../errors.ts'

/** An open file; reading outside of it is corruption. */
export class PageFile {
  readonly file: string
  /** Length of the file in bytes. */
  readonly size: number
  readonly #descriptor: number

  constructor(file: string, descriptor: number, size: number) {
    this.file = file
    this.#descriptor = descriptor
    this.size = size
  }

  /** Fills `target` from `position`. @throws {OperationalError} `store-corrupt` when the file ends before */
  read(target: Uint8Array, position: number): void {
    let length: number
    try {
      length = readSync(this.#descriptor, target, 0, target.length, position)
    } catch (error) {
      throw storeError(this.file, error)
    }
    if (length < target.length) throw this.corrupt(`it ends at byte ${this.size}, but goes on after that`)
  }

  /** The error for damage that `detail`, a clause, tells. */
  corrupt(detail: string): Error {
    return storeCorrupt(this.file, detail)
  }
}

/** A u64 as a number; above 2^53 it loses digits, which no page number or count of a real file reaches. */
export function readUint64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 0x1_0000_0000
}
