/**
 * Small files that only their owner may read, written so that a reader sees the old content or the new, never a part.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Mode of files with secrets: read and write for the owner alone. */
export const PRIVATE_FILE_MODE = 0o600

/** Replaces a file atomically; it is on disk when this returns. */
export function writePrivateFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.${process.pid}.new`
  rmSync(temporary, { force: true })
  const descriptor = openSync(temporary, 'wx', PRIVATE_FILE_MODE)
  try {
    writeFileSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
}

/** The content of a file, or `undefined` when it does not exist. */
export function readFileIfThere(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
