/**
 * A chain store in memory for many nodes of one process that hold nearly the same: each has its own view, and the values
 * are there once.
 */
import { type Bytes, bytesKey, compareBytes } from '@chain/core/bytes'
import type { BlockRecord, BlockRef, ChainStore, ChainStoreBatch } from '@chain/core/chain'
import { type BlockHash, type Coin, type OutPoint, outpointKey } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import { type SharedCoin, SharedValues } from './shared-values.ts'

/** Holds everything that is committed to it. Grows with the chain, without bound. */
export class SharedChainStore implements ChainStore {
  readonly #values: SharedValues
  /** What was there before; it is not changed any more. */
  readonly #base: SharedChainStore | undefined
  readonly #records = new Map<string, BlockRecord>()
  readonly #bodies = new Map<string, Bytes | undefined>()
  readonly #undo = new Map<string, Bytes | undefined>()
  readonly #coins = new Map<string, SharedCoin | undefined>()
  readonly #heights = new Map<Height, BlockHash | undefined>()
  #tip: BlockHash | undefined

  /** @param base - a store on top of which this one begins, and which nobody commits to any more */
  constructor(base?: SharedChainStore) {
    this.#base = base
    this.#values = base === undefined ? new SharedValues() : base.#values
  }

  readTip(): BlockHash | undefined {
    return this.#tip ?? this.#base?.readTip()
  }

  readRecords(): Iterable<BlockRecord> {
    return [...this.#recordsByKey().values()].sort((a, b) => a.height - b.height)
  }

  readHashAt(height: Height): BlockHash | undefined {
    return this.#heights.has(height) ? this.#heights.get(height) : this.#base?.readHashAt(height)
  }

  readBody(block: BlockRef): Bytes | undefined {
    const key = bytesKey(block.hash)
    return this.#bodies.has(key) ? this.#bodies.get(key) : this.#base?.readBody(block)
  }

  readUndo(block: BlockRef): Bytes | undefined {
    const key = bytesKey(block.hash)
    return this.#undo.has(key) ? this.#undo.get(key) : this.#base?.readUndo(block)
  }

  readCoin(outpoint: OutPoint): Coin | undefined {
    const key = outpointKey(outpoint)
    return this.#coins.has(key) ? this.#coins.get(key)?.coin : this.#base?.readCoin(outpoint)
  }

  readCoins(): Iterable<readonly [OutPoint, Coin]> {
    const coins = [...this.#coinsByKey().values()].flatMap((shared) => shared ?? [])
    return coins
      .map(({ outpoint, coin }) => [outpoint, coin] as const)
      .sort(([a], [b]) => compareOutPoints(a, b))
  }

  commit(batch: ChainStoreBatch): Promise<void> {
    for (const record of batch.records ?? []) this.#records.set(bytesKey(record.hash), record)
    for (const { block, bytes } of batch.bodies ?? []) {
      this.#bodies.set(bytesKey(block.hash), this.#values.bytes('body', block.hash, bytes))
    }
    for (const { block, bytes } of batch.undo ?? []) {
      this.#undo.set(bytesKey(block.hash), this.#values.bytes('undo', block.hash, bytes))
    }
    for (const { hash } of batch.pruned ?? []) {
      this.#bodies.set(bytesKey(hash), undefined)
      this.#undo.set(bytesKey(hash), undefined)
    }
    for (const [outpoint, coin] of batch.coins ?? []) this.#putCoin(outpoint, coin)
    for (const [height, hash] of batch.heights ?? []) this.#heights.set(height, hash)
    this.#tip = batch.tip ?? this.#tip
    return Promise.resolve()
  }

  #putCoin(outpoint: OutPoint, coin: Coin | undefined): void {
    if (coin === undefined) {
      const key = this.#values.key(outpoint)
      if (this.#base === undefined) this.#coins.delete(key)
      else this.#coins.set(key, undefined)
      return
    }
    const shared = this.#values.coin(outpoint, coin)
    this.#coins.set(shared.key, shared)
  }

  #recordsByKey(): Map<string, BlockRecord> {
    const records = this.#base === undefined ? new Map<string, BlockRecord>() : this.#base.#recordsByKey()
    for (const [key, record] of this.#records) records.set(key, record)
    return records
  }

  #coinsByKey(): Map<string, SharedCoin | undefined> {
    const coins =
      this.#base === undefined ? new Map<string, SharedCoin | undefined>() : this.#base.#coinsByKey()
    for (const [key, shared] of this.#coins) coins.set(key, shared)
    return coins
  }
}

function compareOutPoints(a: OutPoint, b: OutPoint): number {
  const order = compareBytes(a.txid, b.txid)
  return order === 0 ? a.index - b.index : order
}
