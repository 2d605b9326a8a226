/**
 * The transaction index: where in the active chain a transaction stands, the genesis block apart.
 *
 * A row takes about 45 bytes of the data file. While the index is behind a reorganisation it knows nothing, rather than
 * places that are none any more.
 *
 * Source: docs/protocol/storage.md#indexes
 */
import { ByteReader, ByteWriter } from '@chain/core/bytes'
import { type BlockRef, type FollowedStep, readVarint, writeVarint } from '@chain/core/chain'
import { DecodeError } from '@chain/core/errors'
import { type Txid, txids } from '@chain/core/primitives'
import type { Environment, RowWrite } from './environment.ts'
import type { FollowedIndex } from './follow-index.ts'
import { IndexTable } from './index-table.ts'
import { heightKey, transactionKey } from './layout.ts'

/** Where a transaction stands. */
export interface TransactionPlace {
  /** The block of the active chain that holds it. */
  readonly block: BlockRef
  /** Its place among the block's transactions; 0 is the coinbase. */
  readonly position: number
}

/** The transaction index of a data directory. Holds what it knew when it was last followed with `followIndex`. */
export class TransactionIndex implements FollowedIndex {
  readonly title = 'transaction index'
  readonly #table: IndexTable

  constructor(environment: Environment) {
    this.#table = new IndexTable(environment, 'transactions', 'transaction-index')
  }

  readCursor(): BlockRef | undefined {
    return this.#table.readCursor()
  }

  /**
   * The place of a transaction; `undefined` when the active chain does not have it, or the index has not come to it yet.
   *
   * @throws {OperationalError} `store-*`
   */
  find(txid: Txid): TransactionPlace | undefined {
    const value = this.#table.read(transactionKey(txid))
    if (value === undefined || !this.#table.isOnActiveChain()) return undefined
    const { height, position } = this.#decode(value)
    const hash = this.#table.readSealed('heights', heightKey(height))
    return hash === undefined ? undefined : { block: { hash, height }, position }
  }

  #decode(value: Uint8Array): { height: number; position: number } {
    try {
      const reader = new ByteReader(value)
      const place = { height: readVarint(reader), position: readVarint(reader) }
      reader.expectEnd()
      return place
    } catch (error) {
      if (error instanceof DecodeError) throw this.#table.corrupt(error)
      throw error
    }
  }

  begin(genesis: BlockRef): Promise<void> {
    return this.#table.begin([], genesis)
  }

  rowsOf({ type, node, block }: FollowedStep): RowWrite[] {
    const ids = txids(block.transactions)
    if (type === 'disconnect') return ids.map((id) => this.#table.row(transactionKey(id), undefined))
    const writer = new ByteWriter(ids.length * 8)
    const ends = ids.map((_, position) => writeVarint(writeVarint(writer, node.height), position).length)
    const places = writer.toBytes()
    return ids.map((id, position) =>
      this.#table.row(transactionKey(id), places.subarray(ends[position - 1] ?? 0, ends[position])),
    )
  }

  commit(rows: readonly RowWrite[], cursor: BlockRef): Promise<void> {
    return this.#table.commit(rows, cursor)
  }
}
