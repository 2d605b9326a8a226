/**
 * The errors of storage: each is an `OperationalError` whose sentence says what to do.
 *
 * | code | meaning |
 * |---|---|
 * | `data-dir-locked` | another live process uses the data directory |
 * | `data-dir-unusable` | the data directory cannot be made or read |
 * | `store-corrupt` | the data file does not hold what was written to it |
 * | `store-old-file-exists` | the file that an earlier reindex kept is still there |
 * | `store-schema-newer` | the data file was written by a newer version of the program |
 * | `store-wrong-network` | the data directory belongs to another network |
 * | `store-read-only` | the data directory or file cannot be written |
 * | `store-disk-full` | the disk or the quota is full |
 * | `store-key-too-long` | a row has a key that LMDB does not take |
 * | `store-closed` | the store was used after it was closed |
 * | `store-failed` | anything else that the operating system or LMDB reports |
 */
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { loadNetwork, networkNames } from '@chain/core/consensus'
import { OperationalError, reasonOf } from '@chain/core/errors'

/** Another live process holds the data directory; its pid where it is known. */
export function dataDirLocked(directory: string, pid: number | undefined): OperationalError {
  const owner = pid === undefined ? 'another process' : `process ${pid}`
  return new OperationalError(
    'data-dir-locked',
    `The data directory ${directory} is in use by ${owner}: stop it first, or choose another directory.`,
    { directory, pid },
  )
}

/** The directory cannot serve as a data directory. */
export function dataDirUnusable(directory: string, cause: unknown): OperationalError {
  return new OperationalError(
    'data-dir-unusable',
    `The data directory ${directory} cannot be used (${reasonOf(cause)}): choose another directory.`,
    { directory },
    { cause },
  )
}

/** The data file is damaged; `detail` is a clause that says where. */
export function storeCorrupt(file: string, detail: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'store-corrupt',
    `The data file ${file} is corrupt (${detail}): run chain-node reindex, which makes a new one of the blocks in it, or restore it from a copy.`,
    { file, detail },
    cause === undefined ? undefined : { cause },
  )
}

/** There is no data file to make anew. */
export function dataFileMissing(file: string): OperationalError {
  return new OperationalError('data-file-missing', `There is no data file ${file}.`, { file })
}

/** A rebuild may have to keep the old data file where one is kept already. */
export function oldFileExists(file: string): OperationalError {
  return new OperationalError(
    'store-old-file-exists',
    `There is a file ${file} already, which an earlier reindex kept for the blocks in it: move it away first.`,
    { file },
  )
}

/** The data file has a schema version that this program does not know yet. */
export function storeSchemaNewer(file: string, found: number, known: number): OperationalError {
  return new OperationalError(
    'store-schema-newer',
    `The data file ${file} has schema version ${found}, this program knows versions up to ${known}: use a newer program.`,
    { file, found, known },
  )
}

/** The data directory was made for another chain spec; both are named by their spec ids. */
export function storeWrongNetwork(file: string, found: string, expected: string): OperationalError {
  const option = networkName(found) ?? 'and its chain spec file'
  return new OperationalError(
    'store-wrong-network',
    `The data file ${file} belongs to ${describeNetwork(found)}, not to ${describeNetwork(expected)}: name that network with --network ${option}, or choose another data directory.`,
    { file, found, expected },
  )
}

function describeNetwork(specId: string): string {
  const name = networkName(specId)
  return name === undefined ? `the network with the spec id ${specId}` : `the network ${name}`
}

/** The name of a built-in network, or `undefined`: of other networks a data file keeps the spec id alone. */
function networkName(specId: string): string | undefined {
  return networkNames.find((name) => loadNetwork(name).id === specId)
}

/** The data file or its directory does not take writes. */
export function storeReadOnly(file: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'store-read-only',
    `The file ${file} cannot be written: give this user the right to write to it and to its directory, or choose another data directory.`,
    { file },
    cause === undefined ? undefined : { cause },
  )
}

/** A key is empty or longer than a page of the data file takes. */
export function storeKeyTooLong(file: string, length: number): OperationalError {
  return new OperationalError('store-key-too-long', `A key of ${length} bytes does not fit into ${file}.`, {
    file,
    length,
  })
}

/** The store was used after `close`. */
export function storeClosed(file: string): OperationalError {
  return new OperationalError('store-closed', `The data file ${file} is closed already.`, { file })
}

/** Turns what LMDB or the operating system threw into an error of ours; our own errors pass unchanged. */
export function storeError(file: string, error: unknown): OperationalError {
  if (error instanceof OperationalError) return error
  const code = codeOf(error)
  if (corruptCodes.has(code)) return storeCorrupt(file, reasonOf(error), error)
  if (readOnlyCodes.has(code)) return storeReadOnly(file, error)
  if (fullCodes.has(code) || (code === EIO && isDiskFull(file))) return storeDiskFull(file, error)
  const hint = code === EIO ? '; the disk fails, or a quota is used up' : ''
  return new OperationalError(
    'store-failed',
    `The data file ${file} cannot be used: ${reasonOf(error)}${hint}.`,
    { file },
    { cause: error },
  )
}

/** There is no room for what has to be written. */
export function storeDiskFull(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'store-disk-full',
    `The disk is full, the data file ${file} cannot grow: free some space and start again; nothing that was stored is lost.`,
    { file },
    { cause },
  )
}

/** LMDB reports a write that the disk took only in part as EIO, so what is left on the disk must tell why. */
function isDiskFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize < NEARLY_NOTHING
  } catch {
    // A disk that does not even tell its size has another problem than that.
    return false
  }
}

/** Bytes left at which a disk counts as full: less than a block and its coins need. */
const NEARLY_NOTHING = 8 << 20
const EIO = 5

/** LMDB: page not found, corrupted, version mismatch, not an LMDB file, incompatible sub-database. */
const corruptCodes: ReadonlySet<unknown> = new Set([-30797, -30796, -30794, -30793, -30784])
/** EPERM, EACCES, EROFS as numbers from LMDB and as names from Node. */
const readOnlyCodes: ReadonlySet<unknown> = new Set([1, 13, 30, 'EPERM', 'EACCES', 'EROFS'])
/** EFBIG, ENOSPC, EDQUOT, and LMDB's "map full". */
const fullCodes: ReadonlySet<unknown> = new Set([27, 28, 122, 'EFBIG', 'ENOSPC', 'EDQUOT', -30792])

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
