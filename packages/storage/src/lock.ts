/**
 * The lock of a data directory: one live process at a time.
 *
 * It is a lock of the kernel on the empty file `lock`, taken through the SQLite that is part of Node, which is the one
 * way to such a lock without a native add-on. The kernel releases it when the process ends in whatever way, so there is
 * no stale lock to judge by process ids and times, and of two starters exactly one wins. `lock.pid` beside it only tells
 * people (and our error) who the owner is.
 *
 * LMDB's own `-lock` file does not do this: it lets any number of processes in.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { dataDirLocked, dataDirUnusable, storeError, storeReadOnly } from './errors.ts'

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
const SQLITE_CANTOPEN = 14

/**
 * Takes the lock of an existing directory.
 *
 * @throws {OperationalError} `data-dir-locked` when a live process (this one included) holds it, `data-dir-unusable`,
 *   `store-read-only`, `store-disk-full`, `store-failed`
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const lock = takeKernelLock(directory)
  if (lock === undefined) throw dataDirLocked(directory, await findOwner(directory))
  const owner = join(directory, OWNER_FILE)
  try {
    writeFileSync(owner, `${process.pid}\n`)
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
function takeKernelLock(directory: string): DatabaseSync | undefined {
  const file = join(directory, LOCK_FILE)
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    if (database?.isOpen === true) database.close()
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    if (code === SQLITE_BUSY) return undefined
    if (code === SQLITE_READONLY || code === SQLITE_CANTOPEN) throw storeReadOnly(file, error)
    throw dataDirUnusable(directory, error)
  }
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
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw dataDirUnusable(directory, error)
  }
}

/** Whether a process of this id lives, of whichever user. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
