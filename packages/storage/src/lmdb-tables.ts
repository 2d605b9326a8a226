/**
 * What is peculiar to lmdb-js: how the data file and its tables are opened, what its types leave out, and how its values and
 * errors become plain ones.
 *
 * Not for reading and writing (`environment.ts`).
 *
 * Source: docs/decisions/0003-lmdb.md, docs/decisions/0013-coins-and-indexes.md
 */
import type { OutPoint } from '@chain/core/primitives'
import { type Database, open, type RootDatabase, type Transaction } from 'lmdb'
import { type TableName, tableNames, writeCoinKey } from './layout.ts'
import { PRIVATE_FILE_MODE } from './private-file-mode.ts'

/** Address space for the file unless the caller says otherwise: 64 GiB. LMDB doubles it by itself when it is used up. */
export const DEFAULT_MAP_SIZE: number = 2 ** 36
/** More sub-databases than there are tables, for later ones. */
const MAX_TABLES = 32

/** Rows by key. */
export type Table = Database<Buffer, Uint8Array>

/** The same table of coins: its keys are written straight to where LMDB looks for them. */
export interface CoinTable {
  getBinaryFast(key: OutPoint, options: { readonly transaction: Transaction }): Buffer | undefined
  put(key: OutPoint, value: ValueSpan): unknown
  remove(key: OutPoint): unknown
}

/** lmdb-js takes the bytes from `start` to `end` of an array that has these, without an array for each. */
export interface ValueSpan extends Uint8Array {
  start?: number
  end?: number
}

/** What LMDB counts of a table; lmdb-js does not say so in its types. */
export interface TableStats {
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  /** Pages of values that do not fit into a leaf. */
  readonly overflowPages: number
}

const binary = { encoding: 'binary', keyEncoding: 'binary' } as const

/** Options of lmdb-js that its types do not know. */
const untypedOptions = {
  /** Holds for the lock file of LMDB as well. */
  permissionsMode: PRIVATE_FILE_MODE,
  /** A batch begins at its end: a writer that begins earlier and waits for rows costs both threads more. */
  batchStartThreshold: Number.MAX_SAFE_INTEGER,
}

/** Opens or makes the data file itself. */
export function openRoot(file: string, mapSize: number): RootDatabase<Buffer, Uint8Array> {
  return open<Buffer, Uint8Array>({
    ...binary,
    ...untypedOptions,
    path: file,
    noSubdir: true,
    maxDbs: MAX_TABLES,
    mapSize,
    overlappingSync: false,
    // Its own batches have promises that nobody can get hold of: a disk that is full would reject them unheard.
    eventTurnBatching: false,
  })
}

/** Opens or makes all tables of a data file. */
export function openTables(root: RootDatabase<Buffer, Uint8Array>): Readonly<Record<TableName, Table>> {
  const tables = tableNames.map((name) => {
    const options = name === 'coins' ? coinTableOptions : binary
    return [name, root.openDB<Buffer, Uint8Array>({ name, ...options })]
  })
  return Object.fromEntries(tables) as Record<TableName, Table>
}

/** Keys of coins are given as outpoints, or as bytes where a range is read. */
const coinTableOptions = {
  encoding: 'binary',
  keyEncoder: {
    writeKey: (key: OutPoint | Uint8Array, target: Uint8Array, at: number): number => {
      if (!(key instanceof Uint8Array)) return writeCoinKey(key, target, at)
      target.set(key, at)
      return at + key.length
    },
    readKey: (source: Uint8Array, start: number, end: number): Uint8Array =>
      Uint8Array.prototype.slice.call(source, start, end),
  },
} as const

/**
 * The same bytes without Node's `Buffer` methods, of which `slice` does not copy as decoders expect. lmdb-js reads into
 * one large buffer whose `length` it sets to that of the value; `byteLength` stays that of the buffer.
 */
export function asPlainBytes<Bytes extends Uint8Array | undefined>(bytes: Bytes): Bytes | Uint8Array {
  return bytes === undefined ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** lmdb-js rejects with a general error whose `commitError` rejects with the reason. */
export async function reasonOfFailure(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  return Promise.resolve(error.commitError).catch((reason: unknown) => reason)
}
