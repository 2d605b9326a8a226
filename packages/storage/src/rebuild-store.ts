/**
 * Making a data file anew from the blocks of the old one, whatever has become of that: the new file grows beside it and
 * takes its place when it is complete. Until then the old one stays as it is.
 *
 * Not for connecting the blocks, which is the caller's part.
 *
 * Source: docs/protocol/storage.md#rebuilding
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes } from '@chain/core/bytes'
import { hash256 } from '@chain/core/crypto'
import { OperationalError } from '@chain/core/errors'
import { type BlockHash, HEADER_LENGTH } from '@chain/core/primitives'
import { DamagedFile } from './data-file/damaged-file.ts'
import { salvageBlocks } from './data-file/salvage-blocks.ts'
import type { Environment, RowWrite } from './environment.ts'
import { dataFileMissing, oldFileExists } from './errors.ts'
import { DATA_FILE, type TableName } from './layout.ts'
import { lockDirectory } from './lock.ts'
import {
  makeDataFile,
  oldFileOf,
  rebuiltFileOf,
  removeDataFile,
  removeUnfinishedFiles,
  replaceDataFile,
} from './make-data-file.ts'
import { type DataStore, type OpenStoreOptions, openDataFile, openTables } from './open-store.ts'

/** A block of the old data file. */
export interface FoundBlock {
  readonly hash: BlockHash
  /** The block that it builds on. */
  readonly parent: BlockHash
  /** Where it lies in the file. */
  readonly offset: number
  readonly length: number
}

/** A data file that is being made anew. */
export interface StoreRebuild {
  /** In the new data file: empty at first. */
  readonly store: DataStore
  /**
   * Every block that was found in the old one, in no particular order; also those of other branches, stale ones, and several
   * of the same hash where copies have other witnesses.
   */
  readonly blocks: readonly FoundBlock[]
  /** The encoded block, or `undefined` where the disk does not give it any more. */
  readBlock(block: FoundBlock): Uint8Array | undefined
  /** Where {@link finish} may keep the old data file. */
  readonly oldFile: string
  /**
   * Closes the new file, puts it in the place of the old one, and frees the directory. Where that fails, the old file stays
   * and the new one is removed.
   *
   * @param keepsOld - whether the old file stays as {@link oldFile}
   * @throws {OperationalError} `store-*`
   */
  finish(keepsOld?: boolean): Promise<void>
  /** Removes the new file, and frees the directory. After {@link finish} it only waits for that. */
  abandon(): Promise<void>
}

/** Tables that are taken over, where they can be read. */
const KEPT_TABLES: readonly TableName[] = ['peers', 'libp2p']
/** Rows that are taken over at once. */
const ROWS_AT_ONCE = 1_000

/**
 * Begins to make the data file of a directory anew. Known peers and the libp2p table are taken over where they can be read;
 * where not, `report` is told so.
 *
 * @throws {OperationalError} `data-dir-locked`, `data-dir-unusable`, `data-file-missing`, `store-old-file-exists`,
 *   `store-wrong-network`, `store-schema-newer`, `store-*`
 */
export async function rebuildStore(options: OpenStoreOptions): Promise<StoreRebuild> {
  const { directory } = options
  const file = join(directory, DATA_FILE)
  if (!existsSync(file)) throw dataFileMissing(file)
  const lock = await lockDirectory(directory, options.report)
  try {
    return await beginRebuild(file, options, lock.release)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function beginRebuild(
  file: string,
  options: OpenStoreOptions,
  release: () => void,
): Promise<StoreRebuild> {
  const unfinished = rebuiltFileOf(file)
  removeUnfinishedFiles(file)
  if (existsSync(oldFileOf(file))) throw oldFileExists(oldFileOf(file))
  const kept = await readKeptRows(file, options)
  const blocks = findBlocks(file)
  const old = new DamagedFile(file)
  const store = await beginStore(unfinished, kept, options).catch((error: unknown) => {
    old.close()
    removeDataFile(unfinished)
    throw error
  })
  const close = async (): Promise<void> => {
    old.close()
    await store.close()
  }
  let ending: Promise<void> | undefined
  const end = (last: () => void): Promise<void> => {
    ending ??= close()
      .then(last)
      .catch((error: unknown) => discardAfter(error, unfinished))
      .finally(release)
    return ending
  }
  return {
    store,
    blocks,
    readBlock: (block) => readBlock(old, block),
    oldFile: oldFileOf(file),
    finish: (keepsOld = false) => end(() => replaceDataFile(unfinished, file, keepsOld)),
    abandon: () => end(() => removeDataFile(unfinished)),
  }
}

/** Removes a file that has become useless. @throws `error`, the reason for that */
function discardAfter(error: unknown, file: string): never {
  try {
    removeDataFile(file)
  } catch {
    // The next start tries it again; what came first is what people should know.
  }
  throw error
}

/** Makes the new data file, with some rows in it. */
async function beginStore(
  file: string,
  rows: readonly RowWrite[],
  options: OpenStoreOptions,
): Promise<DataStore> {
  await makeDataFile(file, options.specId)
  const environment = await openDataFile(file, options)
  try {
    await writeRows(environment, rows)
  } catch (error) {
    await environment.close()
    throw error
  }
  return await openTables(environment, () => undefined, options)
}

/** Rows that do not come from blocks. A file that is too damaged to be opened gives none. */
async function readKeptRows(file: string, options: OpenStoreOptions): Promise<RowWrite[]> {
  try {
    const environment = await openDataFile(file, options)
    try {
      return KEPT_TABLES.flatMap((table) => Array.from(environment.rows(table), (row) => ({ table, ...row })))
    } finally {
      await environment.close()
    }
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'store-corrupt') throw error
    options.report?.('The data file is damaged: known peers, bans and the records of libp2p begin anew.')
    return []
  }
}

async function writeRows(environment: Environment, rows: readonly RowWrite[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await environment.write(rows.slice(start, start + ROWS_AT_ONCE))
  }
}

function findBlocks(file: string): FoundBlock[] {
  const blocks: FoundBlock[] = []
  for (const { hash, parent, offset, bytes } of salvageBlocks(file)) {
    blocks.push({ hash, parent, offset, length: bytes.length })
  }
  return blocks
}

function readBlock(file: DamagedFile, { hash, offset, length }: FoundBlock): Uint8Array | undefined {
  const bytes = file.read(offset, length)
  const isThere = bytes.length === length && equalBytes(hash256(bytes.subarray(0, HEADER_LENGTH)), hash)
  return isThere ? bytes : undefined
}
