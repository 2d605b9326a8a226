/**
 * Making data files, and putting one in the place of another.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Environment } from './environment.ts'
import { storeError } from './errors.ts'
import { SCHEMA_VERSION } from './layout.ts'
import { networkRow, schemaRow } from './store-identity.ts'

/**
 * Makes a data file. It appears under its name only when it is complete: an empty one is always damage.
 *
 * @throws {OperationalError} `store-*`
 */
export async function makeDataFile(file: string, specId: string): Promise<void> {
  const unfinished = `${file}.new`
  removeDataFile(unfinished)
  try {
    const environment = new Environment(unfinished)
    try {
      await environment.write([schemaRow(SCHEMA_VERSION), networkRow(specId)])
    } finally {
      await environment.close()
    }
  } catch (error) {
    throw storeError(file, error)
  }
  replaceDataFile(unfinished, file)
}

/** Puts one data file in the place of another, of which nothing stays. Both are closed. @throws {OperationalError} `store-*` */
export function replaceDataFile(from: string, to: string): void {
  try {
    renameSync(from, to)
    removeDataFile(from)
    syncDirectory(dirname(to))
  } catch (error) {
    throw storeError(to, error)
  }
}

/** Removes a closed data file, if it is there, with what LMDB keeps beside it. @throws {OperationalError} `store-*` */
export function removeDataFile(file: string): void {
  try {
    for (const path of [file, `${file}-lock`]) rmSync(path, { force: true })
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
