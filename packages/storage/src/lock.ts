/**
 * The lock of a data directory: one live process at a time.
 *
 * It is a lock of the kernel on the empty file `lock`, taken through the SQLite that is part of Node, which is the one
 * way to such a lock without a native add-on. The kernel releases it when the process ends in whatever way, so there is
 * no stale lock to judge by process ids and times, and of two starters exactly one wins. `lock.pid` beside it only tells
 * people (and our error) who the owner is.
 *
 * A lock file that something else was written into is emptied in place: it holds no data, and a file that took its place
 * would be another lock than the one that a process which opened it before may be about to take.
 *
 * LMDB's own `-lock` file does not do this: it lets any number of processes in.
 */
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { dataDirLocked, dataDirUnusable, storeDiskFull, storeError, storeReadOnly } from './errors.ts'
import { PRIVATE_FILE_MODE } from './private-file-mode.ts'

/** The right to use a data directory. */
export interface DirectoryLock {
  /** Gives the directory free; a second call does nothing. */
  readonly release: () => void
}

const LOCK_FILE = 'lock'
const OWNER_FILE = 'lock.pid'
/** How often and how long (milliseconds) to look for the pid of an owner that has only just won. */
const OWNER_LOOKS = 20
const OWNER_DELAY = 10

const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_CANTOPEN = 14
const SQLITE_NOTADB = 26

/**
 * Takes the lock of an existing directory.
 *
 * @param report - told, in a sentence, that a damaged lock file was emptied
 * @throws {OperationalError} `data-dir-locked` when a live process (this one included) holds it, `data-dir-unusable`,
 *   `store-read-only`, `store-disk-full`, `store-failed`
 */
export async function lockDirectory(
  directory: string,
  report?: (sentence: string) => void,
): Promise<DirectoryLock> {
  const lock = takeKernelLock(directory, report)
  if (lock === undefined) throw dataDirLocked(directory, await findOwner(directory))
  const owner = join(directory, OWNER_FILE)
  try {
    writeFileSync(owner, `${process.pid}\n`, { mode: PRIVATE_FILE_MODE })
  } catch (error) {
    lock.close()
    throw storeError(owner, error)
  }
  return {
    release: () => {
      if (!lock.isOpen) return
      rmSync(owner, { force: true })
      lock.close()
    },
  }
}

/** The open lock, or `undefined` when another connection has it. */
function takeKernelLock(
  directory: string,
  report: ((sentence: string) => void) | undefined,
): DatabaseSync | undefined {
  const file = join(directory, LOCK_FILE)
  try {
    makeLockFile(file)
    try {
      return openExclusively(file)
    } catch (error) {
      if (!damageCodes.has(codeOf(error))) throw error
    }
    emptyLockFile(file)
    report?.(`The lock file ${file} was damaged and is empty again, as it should be: it holds no data.`)
    return openExclusively(file)
  } catch (error) {
    const code = codeOf(error)
    if (code === SQLITE_BUSY) return undefined
    if (code === SQLITE_READONLY || code === SQLITE_CANTOPEN) throw storeReadOnly(file, error)
    if (code === SQLITE_FULL) throw storeDiskFull(file, error)
    if (typeof code === 'string') throw storeError(file, error)
    throw dataDirUnusable(directory, error)
  }
}

/** What SQLite says of a file that it could lock and read, so that nobody held it, and that is none of its own. */
const damageCodes: ReadonlySet<unknown> = new Set([SQLITE_CORRUPT, SQLITE_NOTADB])

/** A file that is there is not opened: closing it would drop the kernel's locks of this process on it. */
function makeLockFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', PRIVATE_FILE_MODE))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** An owner that has come in the meantime does not mind: to it, the file is empty anyway. */
function emptyLockFile(file: string): void {
  truncateSync(file, 0)
}

function openExclusively(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** SQLite's number or the operating system's name. */
function codeOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined
  // The upper bits of SQLite's number tell more than anybody wants to know.
  if ('errcode' in error) return Number(error.errcode) & 0xff
  return 'code' in error ? error.code : undefined
}

/** The pid of the owner, or `undefined` when it does not show up in a moment. */
async function findOwner(directory: string): Promise<number | undefined> {
  for (let look = 0; look < OWNER_LOOKS; look++) {
    const pid = readOwner(directory)
    if (pid !== undefined && isAlive(pid)) return pid
    await delay(OWNER_DELAY)
  }
  return undefined
}

function readOwner(directory: string): number | undefined {
  try {
    const text = readFileSync(join(directory, OWNER_FILE), 'utf8')
    return /^[1-9]\d{0,9}\n$/.test(text) ? Number(text) : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw dataDirUnusable(directory, error)
  }
}

/** Whether a process of this id lives, of whichever user. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
