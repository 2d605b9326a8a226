/**
 * Making data files, and putting one in the place of another.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Environment } from './environment.ts'
import { oldFileExists, storeError } from './errors.ts'
import { SCHEMA_VERSION } from './layout.ts'
import { PRIVATE_FILE_MODE } from './private-file-mode.ts'
import { readerTableOf } from './reader-table.ts'
import { networkRow, schemaRow } from './store-identity.ts'

/** More bytes than a data file takes before anything is stored in it. */
const EMPTY_LENGTH = 65_536

/**
 * Makes a data file. It appears under its name only when it is complete: an empty one is always damage.
 *
 * @throws {OperationalError} `store-*`
 */
export async function makeDataFile(file: string, specId: string): Promise<void> {
  const unfinished = unfinishedFileOf(file)
  removeDataFile(unfinished)
  try {
    expectRoom(unfinished)
    const environment = new Environment(unfinished)
    try {
      await environment.write([schemaRow(SCHEMA_VERSION), networkRow(specId)])
    } finally {
      await environment.close()
    }
  } catch (error) {
    removeDataFile(unfinished)
    throw storeError(file, error)
  }
  replaceDataFile(unfinished, file)
}

/**
 * Makes an empty file where there is room for a data file: LMDB ends the process with SIGSEGV when it cannot write the
 * first pages of one.
 *
 * @throws {Error} of the operating system, such as `ENOSPC`
 */
function expectRoom(file: string): void {
  writeFileSync(file, new Uint8Array(EMPTY_LENGTH), { mode: PRIVATE_FILE_MODE })
  truncateSync(file)
}

/** Path of the data file that is made of the blocks of another one, beside it. */
export function rebuiltFileOf(file: string): string {
  return `${file}.reindex`
}

/**
 * Removes what killed processes have left of data files that were not complete, and gives a data file that was about to be
 * replaced and kept its one name again. Nobody else uses the directory.
 *
 * @throws {OperationalError} `store-*`
 */
export function removeUnfinishedFiles(file: string): void {
  undoReplacement(file)
  const rebuilt = rebuiltFileOf(file)
  for (const path of [unfinishedFileOf(file), rebuilt, unfinishedFileOf(rebuilt)]) removeDataFile(path)
}

/** A replacement that was begun has given the file a second name, or another one where there is no second. */
function undoReplacement(file: string): void {
  const kept = oldFileOf(file)
  try {
    const [now, old] = [file, kept].map((path) => statSync(path, { throwIfNoEntry: false }))
    if (old === undefined) return
    if (now === undefined && existsSync(rebuiltFileOf(file))) renameSync(kept, file)
    else if (now !== undefined && old.nlink > 1 && old.ino === now.ino && old.dev === now.dev) rmSync(kept)
  } catch (error) {
    throw storeError(file, error)
  }
}

function unfinishedFileOf(file: string): string {
  return `${file}.new`
}

/** Path under which a data file stays that was replaced and holds more than its successor. */
export function oldFileOf(file: string): string {
  return `${file}.old`
}

/**
 * Puts one data file in the place of another. Both are closed.
 *
 * @param keepsOld - whether the other one stays, as {@link oldFileOf} it; otherwise nothing of it does
 * @throws {OperationalError} `store-old-file-exists`, `store-*`
 */
export function replaceDataFile(from: string, to: string, keepsOld = false): void {
  try {
    if (keepsOld) replaceKeeping(from, to, oldFileOf(to))
    else renameSync(from, to)
    removeDataFile(from)
    syncDirectory(dirname(to))
  } catch (error) {
    throw storeError(to, error)
  }
}

/** Where it fails, the file is what it was, under its one name. */
function replaceKeeping(from: string, to: string, kept: string): void {
  keepFile(to, kept)
  try {
    renameSync(from, to)
  } catch (error) {
    if (existsSync(to)) rmSync(kept)
    else renameSync(kept, to)
    throw error
  }
}

/** Gives a file a second name, so that there is one under the first at any time; or a new one, where files have one alone. */
function keepFile(file: string, kept: string): void {
  try {
    linkSync(file, kept)
  } catch (error) {
    if (existsSync(kept)) throw oldFileExists(kept)
    if (!isLinkUnsupported(error)) throw error
    renameSync(file, kept)
  }
}

/** exFAT and some network shares have no hard links. */
function isLinkUnsupported(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(String(code))
}

/** Removes a closed data file, if it is there, with what LMDB keeps beside it. @throws {OperationalError} `store-*` */
export function removeDataFile(file: string): void {
  try {
    for (const path of [file, readerTableOf(file)]) rmSync(path, { force: true })
  } catch (error) {
    throw storeError(file, error)
  }
}

/** Makes the rename outlive a power cut. Windows cannot open directories, and needs not. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
