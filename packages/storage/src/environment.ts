/**
 * The LMDB environment of a data directory: opens the data file, reads rows, writes groups of rows.
 *
 * Durability. `overlappingSync` of lmdb-js is off: a transaction is flushed (fdatasync of its pages, then a synchronous
 * write of the meta page) before it becomes visible, so a write that has resolved survives both a killed process and a
 * power cut, and the data file has plain LMDB's two meta pages. With it on, a write resolves before it is flushed, and
 * waiting for `flushed` as well took as long in our measurements. Writes go through `batch`, not `transactionSync`: LMDB's
 * work and the flush then run on a thread of their own, and the event loop only pays for handing the rows over.
 *
 * Source: docs/decisions/0003-lmdb.md
 */
import type { OperationalError } from '@chain/core/errors'
import { type Database, open, type RootDatabase } from 'lmdb'
import { storeClosed, storeError, storeKeyTooLong } from './errors.ts'
import { MAX_KEY_LENGTH, type TableName, tableNames } from './layout.ts'
import { PRIVATE_FILE_MODE } from './private-file-mode.ts'

/** A row to put, or to take away where the value is `undefined`. */
export interface RowWrite {
  readonly table: TableName
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** A row as read; both arrays are copies. */
export interface Row {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Rows from `start` (included) to `end` (left out); without them from the first, to the last. */
export interface RowRange {
  readonly start?: Uint8Array
  readonly end?: Uint8Array
}

/** Address space for the file unless the caller says otherwise: 64 GiB. LMDB doubles it by itself when it is used up. */
const DEFAULT_MAP_SIZE = 2 ** 36
/** More sub-databases than there are tables, for later ones. */
const MAX_TABLES = 32
/** Rows that a range read holds at a time, so that no slow consumer keeps an LMDB reader open. */
const RANGE_CHUNK = 256

type Table = Database<Buffer, Uint8Array>

/** An open data file. One per data directory and process. */
export class Environment {
  /** Path of the data file. */
  readonly file: string
  /**
   * Resolves when a write fails: with the reason. No more is written then, because what follows may build on what is
   * missing; whoever wants to go on opens the file anew.
   */
  readonly failed: Promise<OperationalError>
  readonly #fail: (error: OperationalError) => void
  #failure: OperationalError | undefined
  readonly #root: RootDatabase<Buffer, Uint8Array>
  readonly #tables: Readonly<Record<TableName, Table>>
  readonly #pending = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  /**
   * Opens a data file that is new or was checked with `checkDataFile`.
   *
   * @param mapSize - bytes of address space to reserve at first
   * @throws {OperationalError} `store-*`
   */
  constructor(file: string, mapSize: number = DEFAULT_MAP_SIZE) {
    const failed = Promise.withResolvers<OperationalError>()
    this.file = file
    this.failed = failed.promise
    this.#fail = failed.resolve
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const
    // The types of lmdb-js do not know this option; it holds for the lock file of LMDB as well.
    const permissions = { permissionsMode: PRIVATE_FILE_MODE }
    try {
      this.#root = open<Buffer, Uint8Array>({
        ...binary,
        ...permissions,
        path: file,
        noSubdir: true,
        maxDbs: MAX_TABLES,
        mapSize,
        overlappingSync: false,
        // Its own batches have promises that nobody can get hold of: a disk that is full would reject them unheard.
        eventTurnBatching: false,
      })
      const tables = tableNames.map((name) => [
        name,
        this.#root.openDB<Buffer, Uint8Array>({ name, ...binary }),
      ])
      this.#tables = Object.fromEntries(tables) as Record<TableName, Table>
    } catch (error) {
      throw storeError(file, error)
    }
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** The value at a key, in an array of its own. @throws {OperationalError} `store-*` */
  get(table: TableName, key: Uint8Array): Uint8Array | undefined {
    return this.#read(() => asPlainBytes(this.#tables[table].getBinary(key)))
  }

  /** The value at a key, valid only until the next read of any row. @throws {OperationalError} `store-*` */
  peek(table: TableName, key: Uint8Array): Uint8Array | undefined {
    return this.#read(() => asPlainBytes(this.#tables[table].getBinaryFast(key)))
  }

  /** Whether a key is there. @throws {OperationalError} `store-*` */
  has(table: TableName, key: Uint8Array): boolean {
    return this.#read(() => this.#tables[table].doesExist(key))
  }

  /**
   * The rows of a range in the order of their keys. Read in chunks: a write that finishes in between shows in the rows
   * that come after. A loop that does not wait for anything sees one state.
   *
   * @throws {OperationalError} `store-*`
   */
  *rows(table: TableName, range: RowRange = {}): Generator<Row> {
    let { start } = range
    for (;;) {
      const chunk = this.#readChunk(table, { ...range, ...(start === undefined ? {} : { start }) })
      yield* chunk
      const last = chunk.at(-1)
      if (last === undefined || chunk.length < RANGE_CHUNK) return
      start = keyAfter(last.key)
    }
  }

  #readChunk(table: TableName, range: RowRange): Row[] {
    return this.#read(() =>
      Array.from(this.#tables[table].getRange({ ...range, limit: RANGE_CHUNK }), ({ key, value }) => ({
        key: asPlainBytes(key),
        value: asPlainBytes(value),
      })),
    )
  }

  #read<Result>(read: () => Result): Result {
    if (this.isClosed) throw storeClosed(this.file)
    try {
      return read()
    } catch (error) {
      throw storeError(this.file, error)
    }
  }

  /**
   * Writes rows in one transaction, in the order given; resolves when they are on the disk.
   *
   * Calls take effect in their order. The arrays are read until then: they must not change.
   *
   * @throws {OperationalError} `store-*`, `store-key-too-long` above {@link MAX_KEY_LENGTH}; nothing of the group was
   *   written. The reason of {@link failed}, when a write has failed before
   */
  async write(rows: readonly RowWrite[]): Promise<void> {
    if (this.isClosed) throw storeClosed(this.file)
    if (this.#failure !== undefined) throw this.#failure
    if (rows.length === 0) return
    // Before the first row is handed over: an error between two rows would leave half a group behind.
    for (const { key } of rows) if (!isKeyLengthAllowed(key)) throw storeKeyTooLong(this.file, key.length)
    const written = this.#root.batch(() => this.#put(rows))
    this.#pending.add(written)
    try {
      await written
    } catch (error) {
      this.#failure ??= storeError(this.file, await reasonOfFailure(error))
      this.#fail(this.#failure)
      throw this.#failure
    } finally {
      this.#pending.delete(written)
    }
  }

  #put(rows: readonly RowWrite[]): void {
    for (const { table, key, value } of rows) {
      if (value === undefined) void this.#tables[table].remove(key)
      else void this.#tables[table].put(key, value as Buffer)
    }
  }

  /** Waits for the writes under way and closes the file. Later calls return the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#pending)
    await this.#root.close()
  }
}

/**
 * The same bytes without Node's `Buffer` methods, of which `slice` does not copy as decoders expect. lmdb-js reads into
 * one large buffer whose `length` it sets to that of the value; `byteLength` stays that of the buffer.
 */
function asPlainBytes<Bytes extends Uint8Array | undefined>(bytes: Bytes): Bytes | Uint8Array {
  return bytes === undefined ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** lmdb-js rejects with a general error whose `commitError` rejects with the reason. */
async function reasonOfFailure(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  return Promise.resolve(error.commitError).catch((reason: unknown) => reason)
}

/** The smallest key that sorts behind `key`. */
function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1)
  after.set(key)
  return after
}

/** Whether LMDB takes a key of this length. */
export function isKeyLengthAllowed(key: Uint8Array): boolean {
  return key.length > 0 && key.length <= MAX_KEY_LENGTH
}
