/**
 * The LMDB environment of a data directory: opens the data file, reads rows, writes groups of rows.
 *
 * Durability. `overlappingSync` of lmdb-js is off: a transaction is flushed (fdatasync of its pages, then a synchronous
 * write of the meta page) before it becomes visible, so a write that has resolved survives both a killed process and a
 * power cut, and the data file has plain LMDB's two meta pages. With it on, a write resolves before it is flushed, and
 * waiting for `flushed` as well took as long in our measurements. Writes go through `batch`, not `transactionSync`: LMDB's
 * work and the flush then run on a thread of their own, and the event loop only pays for handing the rows over.
 *
 * Visibility. LMDB shows a transaction to readers as soon as it is made, which is a little before this thread hears of it.
 * So all reads go through one snapshot that is taken anew when a write has finished, before anybody is told: reads see
 * exactly the last finished write. One transaction is made at a time, of all that waits; so the snapshot is never older
 * than the state that LMDB keeps anyway, and holds up no free page.
 *
 * Not for what is peculiar to lmdb-js (`lmdb-tables.ts`).
 *
 * Source: docs/decisions/0003-lmdb.md, docs/decisions/0013-coins-and-indexes.md
 */
import { invariant, type OperationalError } from '@chain/core/errors'
import type { OutPoint } from '@chain/core/primitives'
import type { RootDatabase } from 'lmdb'
import type { CoinRows } from './coin-rows.ts'
import { storeClosed, storeError, storeKeyTooLong } from './errors.ts'
import { MAX_KEY_LENGTH, type TableName } from './layout.ts'
import {
  asPlainBytes,
  type CoinTable,
  DEFAULT_MAP_SIZE,
  openRoot,
  openTables,
  reasonOfFailure,
  type Table,
  type TableStats,
  type ValueSpan,
} from './lmdb-tables.ts'
import { reserveReaderTable } from './reader-table.ts'
import { Snapshot } from './snapshot.ts'

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

/** What a write does beside putting rows and taking them away. */
export interface WriteOptions {
  /** Tables that lose all their rows, before anything is put. */
  readonly emptied?: readonly TableName[]
  /** Rows of the table `coins`; what belongs to them must not change until the write has finished. */
  readonly coins?: CoinRows
  /** Called when reads begin to see the write; must not throw. */
  readonly onVisible?: () => void
}

/** Rows from `start` (included) to `end` (left out); without them from the first, to the last. */
export interface RowRange {
  readonly start?: Uint8Array
  readonly end?: Uint8Array
}

/** Rows that a range read holds at a time, so that no slow consumer keeps an LMDB reader open. */
const RANGE_CHUNK = 256

/** Sorts before every key. */
const FIRST_KEY = Uint8Array.of(0)

/** A write that waits for its transaction. */
interface QueuedWrite {
  readonly rows: readonly RowWrite[]
  readonly options: WriteOptions
  readonly done: PromiseWithResolvers<void>
}

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
  readonly #coins: CoinTable
  /** What reads see. */
  #snapshot: Snapshot
  /** Snapshots that somebody reads from for a while; bounded by those who do. */
  readonly #held = new Set<Snapshot>()
  readonly #queue: QueuedWrite[] = []
  /** Ends when nothing is queued any more. */
  #writing: Promise<void> | undefined
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
    try {
      reserveReaderTable(file)
      this.#root = openRoot(file, mapSize)
    } catch (error) {
      throw storeError(file, error)
    }
    try {
      this.#tables = openTables(this.#root)
      this.#coins = this.#tables.coins as unknown as CoinTable
      this.#snapshot = new Snapshot(this.#root.useReadTransaction())
    } catch (error) {
      void this.#root.close()
      throw storeError(file, error)
    }
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** Bytes that the rows of a table take in the data file, as whole pages. @throws {OperationalError} `store-*` */
  bytesOf(table: TableName): number {
    const stats = this.#read(() => this.#tables[table].getStats() as TableStats)
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = stats
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages)
  }

  /** The value at a key, in an array of its own. @throws {OperationalError} `store-*` */
  get(table: TableName, key: Uint8Array): Uint8Array | undefined {
    return this.#read(() => asPlainBytes(this.#tables[table].get(key, this.#snapshot)))
  }

  /** Whether a key is there. @throws {OperationalError} `store-*` */
  has(table: TableName, key: Uint8Array): boolean {
    return this.#read(() => this.#tables[table].get(key, this.#snapshot) !== undefined)
  }

  /** The row of a coin, valid only until the next read of any row. @throws {OperationalError} `store-*` */
  peekCoin(outpoint: OutPoint): Uint8Array | undefined {
    return this.#read(() => asPlainBytes(this.#coins.getBinaryFast(outpoint, this.#snapshot)))
  }

  /**
   * The rows of a range in the order of their keys. Read in chunks: a write that finishes in between shows in the rows
   * that come after. A loop that does not wait for anything sees one state.
   *
   * @param held - from {@link hold}: the rows of that state, whatever is written meanwhile
   * @throws {OperationalError} `store-*`
   */
  *rows(table: TableName, range: RowRange = {}, held?: Snapshot): Generator<Row> {
    let { start = FIRST_KEY } = range
    for (;;) {
      const chunk = this.#readChunk(table, { ...range, start }, held ?? this.#snapshot)
      yield* chunk
      const last = chunk.at(-1)
      if (last === undefined || chunk.length < RANGE_CHUNK) return
      start = keyAfter(last.key)
    }
  }

  #readChunk(table: TableName, range: RowRange, { transaction, isReleased }: Snapshot): Row[] {
    invariant(!isReleased, 'Rows are read while somebody holds their snapshot.')
    return this.#read(() =>
      Array.from(
        this.#tables[table].getRange({ ...range, transaction, limit: RANGE_CHUNK }),
        ({ key, value }) => ({
          key: asPlainBytes(key),
          value: asPlainBytes(value),
        }),
      ),
    )
  }

  /**
   * Keeps what reads see now readable, whatever is written meanwhile. To be given back with {@link release} soon: until then
   * writes use no page again that they have freed since.
   *
   * @throws {OperationalError} `store-closed`
   */
  hold(): Snapshot {
    return this.#read(() => {
      this.#snapshot.hold()
      this.#held.add(this.#snapshot)
      return this.#snapshot
    })
  }

  /** Ends what one call of {@link hold} began. */
  release(snapshot: Snapshot): void {
    snapshot.release()
    if (snapshot.isReleased) this.#held.delete(snapshot)
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
   * Calls take effect in their order; those that wait at the same time become one transaction. The arrays are read until
   * then: they must not change.
   *
   * @throws {OperationalError} `store-*`, `store-key-too-long` above {@link MAX_KEY_LENGTH}; nothing of the group was
   *   written. The reason of {@link failed}, when a write has failed before
   */
  async write(rows: readonly RowWrite[], options: WriteOptions = {}): Promise<void> {
    if (this.isClosed) throw storeClosed(this.file)
    if (this.#failure !== undefined) throw this.#failure
    // Before the first row is handed over: an error between two rows would leave half a group behind.
    for (const { key } of rows) if (!isKeyLengthAllowed(key)) throw storeKeyTooLong(this.file, key.length)
    const done = Promise.withResolvers<void>()
    this.#queue.push({ rows, options, done })
    this.#writing ??= this.#writeQueued()
    await done.promise
  }

  async #writeQueued(): Promise<void> {
    while (this.#queue.length > 0) await this.#writeGroup(this.#queue.splice(0))
    this.#writing = undefined
  }

  async #writeGroup(group: readonly QueuedWrite[]): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure
      await this.#root.batch(() => {
        for (const write of group) this.#put(write)
      })
      this.#renewSnapshot()
    } catch (error) {
      this.#failure ??= storeError(this.file, await reasonOfFailure(error))
      this.#fail(this.#failure)
      for (const { done } of group) done.reject(this.#failure)
      return
    }
    for (const { options } of group) options.onVisible?.()
    for (const { done } of group) done.resolve()
  }

  #put({ rows, options }: QueuedWrite): void {
    for (const table of options.emptied ?? []) void this.#tables[table].clearAsync()
    for (const { table, key, value } of rows) {
      if (value === undefined) void this.#tables[table].remove(key)
      else void this.#tables[table].put(key, value as Buffer)
    }
    if (options.coins !== undefined) this.#putCoins(options.coins)
  }

  #putCoins({ outpoints, bytes, ends }: CoinRows): void {
    const value: ValueSpan = bytes
    let start = 0
    for (const [index, outpoint] of outpoints.entries()) {
      const end = ends[index] as number
      value.start = start
      value.end = end
      if (end === start) this.#coins.remove(outpoint)
      else this.#coins.put(outpoint, value)
      start = end
    }
  }

  #renewSnapshot(): void {
    this.#snapshot.release()
    this.#root.resetReadTxn()
    this.#snapshot = new Snapshot(this.#root.useReadTransaction())
  }

  /** Waits for the writes under way and closes the file. Later calls return the same promise. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#writing
    for (const snapshot of [this.#snapshot, ...this.#held]) snapshot.end()
    await this.#root.close()
  }
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
