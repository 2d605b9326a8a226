/**
 * The filter index: the BIP158 basic filter and the BIP157 filter header of every block of the active chain.
 *
 * Source: BIP157, BIP158; docs/protocol/storage.md#indexes
 */
import { type Bytes, bytesKey, concatBytes } from '@chain/core/bytes'
import type { BlockRef, BlockUndo, FollowedStep } from '@chain/core/chain'
import { invariant } from '@chain/core/errors'
import { computeBasicFilter, computeFilterHeader } from '@chain/core/filters'
import { type Block, ZERO_HASH } from '@chain/core/primitives'
import { sealValue } from './codecs.ts'
import type { Environment, RowWrite } from './environment.ts'
import type { FollowedIndex } from './follow-index.ts'
import { IndexTable } from './index-table.ts'
import { blockKey } from './layout.ts'

const HEADER_LENGTH = 32

/** The filter of a block. */
export interface BlockFilter {
  /** As `matchFilter` reads it. */
  readonly filter: Bytes
  /** The filter header, 32 bytes in hash order. */
  readonly header: Bytes
}

/** The filter index of a data directory. Holds what it knew when it was last followed with `followIndex`. */
export class FilterIndex implements FollowedIndex {
  readonly title = 'filter index'
  readonly #table: IndexTable
  /** Filter headers of rows that are not written yet, by block; bounded by what is written at a time. */
  readonly #unwritten = new Map<string, Bytes>()

  constructor(environment: Environment) {
    this.#table = new IndexTable(environment, 'filters', 'filter-index')
  }

  readCursor(): BlockRef | undefined {
    return this.#table.readCursor()
  }

  /**
   * The filter of a block; `undefined` when the block is not part of the chain that the index has followed so far.
   *
   * @throws {OperationalError} `store-*`
   */
  find(block: BlockRef): BlockFilter | undefined {
    const value = this.#table.readSealed('filters', blockKey(block))
    if (value === undefined) return undefined
    return { header: value.subarray(0, HEADER_LENGTH), filter: value.subarray(HEADER_LENGTH) }
  }

  begin(genesis: BlockRef, block: Block): Promise<void> {
    this.#unwritten.clear()
    return this.#table.begin([this.#makeRow(genesis, block, [], ZERO_HASH)], genesis)
  }

  rowsOf({ type, node, block, undo }: FollowedStep): RowWrite[] {
    if (type === 'disconnect') return [this.#table.row(blockKey(node), undefined)]
    invariant(node.parent !== undefined, 'The genesis block is never connected.')
    return [this.#makeRow(node, block, undo, this.#headerOf(node.parent))]
  }

  async commit(rows: readonly RowWrite[], cursor: BlockRef): Promise<void> {
    await this.#table.commit(rows, cursor)
    this.#unwritten.clear()
  }

  #makeRow(ref: BlockRef, block: Block, undo: BlockUndo, previous: Bytes): RowWrite {
    const spent = undo.flatMap((coins) => coins.map(({ output }) => output.scriptPubKey))
    const filter = computeBasicFilter(block, spent)
    const header = computeFilterHeader(filter, previous)
    this.#unwritten.set(bytesKey(ref.hash), header)
    const key = blockKey(ref)
    return this.#table.row(key, sealValue(key, concatBytes(header, filter)))
  }

  #headerOf(block: BlockRef): Bytes {
    const header = this.#unwritten.get(bytesKey(block.hash)) ?? this.find(block)?.header
    invariant(
      header !== undefined,
      'The filter index has dealt with the parent of each block that is connected.',
    )
    return header
  }
}
