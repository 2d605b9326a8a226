/**
 * The file beside a data file in which LMDB notes who reads, mapped into memory.
 *
 * LMDB makes it by its length alone. Where the disk has no room for a page of it, the first touch of that page ends the
 * process with SIGBUS, which nobody can handle. So its bytes are written before LMDB comes: a full disk is an error then.
 *
 * Not for a data file that anybody has open.
 */
import { statSync, writeFileSync } from 'node:fs'
import { PRIVATE_FILE_MODE } from './private-file-mode.ts'

/** More than LMDB makes of it, for 126 readers: 8,272 bytes. It takes over what it finds. */
const LENGTH = 12_288

/** Path of the file that belongs to a data file. */
export function readerTableOf(file: string): string {
  return `${file}-lock`
}

/** Takes room on the disk for it; what is in it stays. @throws {Error} of the operating system, such as `ENOSPC` */
export function reserveReaderTable(file: string): void {
  const path = readerTableOf(file)
  const length = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (length >= LENGTH) return
  writeFileSync(path, new Uint8Array(LENGTH - length), { flag: 'a', mode: PRIVATE_FILE_MODE, flush: false })
}
