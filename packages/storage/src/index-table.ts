/**
 * The table of an index, and the cursor that says how far the index has come: always written together, so that an index
 * has dealt with exactly the blocks up to its cursor, whenever the process ends.
 *
 * Not for what the rows say (`transaction-index.ts`, `filter-index.ts`), nor for following the chain (`follow-index.ts`).
 *
 * Source: docs/protocol/storage.md#indexes
 */
import { equalBytes } from '@chain/core/bytes'
import type { BlockRef } from '@chain/core/chain'
import { openSealed, sealValue } from './codecs.ts'
import type { Environment, RowWrite } from './environment.ts'
import { storeCorrupt } from './errors.ts'
import { blockKey, heightKey, type MetaName, metaKey, parseBlockKey, type TableName } from './layout.ts'

/** The rows and the cursor of one index. */
export class IndexTable {
  readonly #environment: Environment
  readonly #table: TableName
  readonly #cursorKey: Uint8Array

  constructor(environment: Environment, table: TableName, cursor: MetaName) {
    this.#environment = environment
    this.#table = table
    this.#cursorKey = metaKey(cursor)
  }

  /** The last block that the index has dealt with; `undefined` before it began. @throws {OperationalError} `store-*` */
  readCursor(): BlockRef | undefined {
    const key = this.readSealed('meta', this.#cursorKey)
    return key === undefined ? undefined : parseBlockKey(key)
  }

  /** Whether the last block that the index has dealt with is part of the active chain. */
  isOnActiveChain(): boolean {
    const cursor = this.readCursor()
    if (cursor === undefined) return false
    const active = this.readSealed('heights', heightKey(cursor.height))
    return active !== undefined && equalBytes(active, cursor.hash)
  }

  /** The value at a key of the index. */
  read(key: Uint8Array): Uint8Array | undefined {
    return this.#environment.get(this.#table, key)
  }

  /** The value of a sealed row of any table. @throws {OperationalError} `store-corrupt` */
  readSealed(table: TableName, key: Uint8Array): Uint8Array | undefined {
    const sealed = this.#environment.get(table, key)
    if (sealed === undefined) return undefined
    try {
      return openSealed(key, sealed)
    } catch (error) {
      throw storeCorrupt(this.#environment.file, `a row of ${table} cannot be read`, error)
    }
  }

  /** The error for a row of the index that cannot be read. */
  corrupt(cause: unknown): Error {
    return storeCorrupt(this.#environment.file, `a row of ${this.#table} cannot be read`, cause)
  }

  /** A change of the index: a row to put, or to take away. */
  row(key: Uint8Array, value: Uint8Array | undefined): RowWrite {
    return { table: this.#table, key, value }
  }

  /** Writes rows, in order, and how far they bring the index; resolves when they are on the disk. */
  commit(rows: readonly RowWrite[], cursor: BlockRef): Promise<void> {
    return this.#environment.write([...rows, this.#cursorRow(cursor)])
  }

  /** Forgets all rows and puts these instead. */
  begin(rows: readonly RowWrite[], cursor: BlockRef): Promise<void> {
    return this.#environment.write([...rows, this.#cursorRow(cursor)], { emptied: [this.#table] })
  }

  #cursorRow(cursor: BlockRef): RowWrite {
    return { table: 'meta', key: this.#cursorKey, value: sealValue(this.#cursorKey, blockKey(cursor)) }
  }
}
