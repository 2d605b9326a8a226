/**
 * Small files that only their owner may read, written so that whoever looks finds all of the content or none of it.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** Read and write for the owner alone. */
const FILE_MODE = 0o600

/** Makes a file in a directory that is there; `false` when the file exists, and then it is left as it is. */
export function createPrivateFile(file: string, content: string): boolean {
  const temporary = writeTemporary(file, content)
  try {
    // Unlike a rename, a link never replaces what is there, whoever else does the same at this moment.
    linkSync(temporary, file)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  syncDirectory(dirname(file))
  return true
}

/** Replaces a file at once: after a crash the old content is there or the new. */
export function replacePrivateFile(file: string, content: string): void {
  renameSync(writeTemporary(file, content), file)
  syncDirectory(dirname(file))
}

/** The text of a file, or `undefined` when it does not exist. */
export function readFileIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Whether an error of the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** Writes the content beside `file` and waits until it is on the disk. */
function writeTemporary(file: string, content: string): string {
  const temporary = `${file}.${process.pid}.new`
  rmSync(temporary, { force: true })
  const descriptor = openSync(temporary, 'wx', FILE_MODE)
  try {
    writeFileSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return temporary
}

/** Makes a new name outlive a power cut. Windows cannot open directories, and needs not. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
