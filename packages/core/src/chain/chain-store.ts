/**
 * The port through which the chain manager keeps what it knows: block records, bodies, undo data, coins and the tip.
 *
 * Reads are synchronous and see exactly what the last finished commit left. A commit is atomic: after a crash either
 * all of a batch is there or nothing. The contract suite in `testing/chain-store-contract` runs against every
 * implementation.
 */
import type { Bytes } from '../bytes/index.ts'
import type { BlockHash, BlockHeader, Coin, OutPoint } from '../primitives/index.ts'
import type { Height, Work } from '../units/index.ts'

/** Names a block for a store: stores may order their rows by height. */
export interface BlockRef {
  readonly hash: BlockHash
  readonly height: Height
}

/**
 * How far a block is known to be good.
 *
 * - `header`: its header and all headers before it follow the rules
 * - `connected`: the whole block was connected once, signatures included
 * - `invalid`: the block breaks a rule for good; its descendants carry `header` or `connected` still
 */
export type BlockValidity = 'header' | 'connected' | 'invalid'

/** What a store knows of one block, beside its body. */
export interface BlockRecord extends BlockRef {
  readonly header: BlockHeader
  /** Work of this block and all before it. */
  readonly chainWork: Work
  readonly validity: BlockValidity
  /** Whether the store holds the body. */
  readonly hasBody: boolean
  /** How many transactions the block has; 0 while the body was never seen. */
  readonly transactionCount: number
  /** BIP157 filter header (32 bytes), known once the block was connected. */
  readonly filterHeader: Bytes | undefined
}

/** Changes that take effect together. */
export interface ChainStoreBatch {
  /** Records to add or replace, by hash. */
  readonly records?: readonly BlockRecord[]
  /** Bodies to keep, encoded as `encodeBlock` does. */
  readonly bodies?: readonly { readonly block: BlockRef; readonly bytes: Bytes }[]
  /** Undo data to keep, encoded as `encodeUndo` does. */
  readonly undo?: readonly { readonly block: BlockRef; readonly bytes: Bytes }[]
  /** Blocks whose body and undo data go, where they are there; none of them stands in `bodies` or `undo`. */
  readonly pruned?: readonly BlockRef[]
  /** Coins that come to be, or are gone where `undefined`. Each outpoint stands in a batch at most once. */
  readonly coins?: Iterable<readonly [OutPoint, Coin | undefined]>
  /** Blocks of the active chain by height; `undefined` takes the entry away. */
  readonly heights?: readonly (readonly [Height, BlockHash | undefined])[]
  /** The last connected block. */
  readonly tip?: BlockHash
}

/**
 * Where a chain manager keeps its data: reads see the last finished commit, and a commit happens as a whole or not
 * at all.
 */
export interface ChainStore {
  /** The last connected block, or `undefined` in a new store. */
  readTip(): BlockHash | undefined
  /** Every record, in ascending order of height. */
  readRecords(): Iterable<BlockRecord>
  /** The block of the active chain at a height. */
  readHashAt(height: Height): BlockHash | undefined
  /** The encoded block, or `undefined` when its body is not there. */
  readBody(block: BlockRef): Bytes | undefined
  /** The encoded undo data, or `undefined` when the block was never connected or is pruned. */
  readUndo(block: BlockRef): Bytes | undefined
  /** The unspent output at an outpoint. */
  readCoin(outpoint: OutPoint): Coin | undefined
  /** Every coin, ordered by transaction id bytes, then index. */
  readCoins(): Iterable<readonly [OutPoint, Coin]>
  /**
   * Applies a batch atomically; when it resolves, the changes survive the end of the process.
   *
   * Commits take effect in the order of the calls. Arrays in the batch are copied or written before it resolves.
   *
   * @throws {OperationalError} when the storage failed; nothing of the batch was applied
   */
  commit(batch: ChainStoreBatch): Promise<void>
}
