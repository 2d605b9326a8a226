/**
 * A chain store in memory: for tests, tools and browsers. Nothing survives the process.
 */
import { type Bytes, bytesKey, compareBytes } from '../bytes/index.ts'
import { type BlockHash, type Coin, type OutPoint, outpointKey } from '../primitives/index.ts'
import type { Height } from '../units/index.ts'
import type { BlockRecord, BlockRef, ChainStore, ChainStoreBatch } from './chain-store.ts'

/** Holds everything that is committed to it. Grows with the chain, without bound. */
export class MemoryChainStore implements ChainStore {
  readonly #records = new Map<string, BlockRecord>()
  readonly #bodies = new Map<string, Bytes>()
  readonly #undo = new Map<string, Bytes>()
  readonly #coins = new Map<string, readonly [OutPoint, Coin]>()
  readonly #heights = new Map<Height, BlockHash>()
  #tip: BlockHash | undefined

  readTip(): BlockHash | undefined {
    return this.#tip
  }

  readRecords(): Iterable<BlockRecord> {
    return [...this.#records.values()].sort((a, b) => a.height - b.height)
  }

  readHashAt(height: Height): BlockHash | undefined {
    return this.#heights.get(height)
  }

  readBody(block: BlockRef): Bytes | undefined {
    return this.#bodies.get(bytesKey(block.hash))
  }

  readUndo(block: BlockRef): Bytes | undefined {
    return this.#undo.get(bytesKey(block.hash))
  }

  readCoin(outpoint: OutPoint): Coin | undefined {
    return this.#coins.get(outpointKey(outpoint))?.[1]
  }

  readCoins(): Iterable<readonly [OutPoint, Coin]> {
    return [...this.#coins.values()].sort(([a], [b]) => compareOutPoints(a, b))
  }

  commit(batch: ChainStoreBatch): Promise<void> {
    for (const record of batch.records ?? []) this.#records.set(bytesKey(record.hash), record)
    for (const { block, bytes } of batch.bodies ?? []) this.#bodies.set(bytesKey(block.hash), bytes.slice())
    for (const { block, bytes } of batch.undo ?? []) this.#undo.set(bytesKey(block.hash), bytes.slice())
    for (const block of batch.pruned ?? []) this.#prune(block)
    for (const [outpoint, coin] of batch.coins ?? []) this.#putCoin(outpoint, coin)
    for (const [height, hash] of batch.heights ?? []) {
      if (hash === undefined) this.#heights.delete(height)
      else this.#heights.set(height, hash)
    }
    this.#tip = batch.tip ?? this.#tip
    return Promise.resolve()
  }

  #prune({ hash }: BlockRef): void {
    this.#bodies.delete(bytesKey(hash))
    this.#undo.delete(bytesKey(hash))
  }

  #putCoin(outpoint: OutPoint, coin: Coin | undefined): void {
    const key = outpointKey(outpoint)
    if (coin === undefined) this.#coins.delete(key)
    else this.#coins.set(key, [copyOutPoint(outpoint), copyCoin(coin)])
  }
}

function compareOutPoints(a: OutPoint, b: OutPoint): number {
  const order = compareBytes(a.txid, b.txid)
  return order === 0 ? a.index - b.index : order
}

/** Views of a block's bytes would keep the whole block alive. */
function copyOutPoint({ txid, index }: OutPoint): OutPoint {
  return { txid: txid.slice(), index }
}

function copyCoin({ output, height, isCoinbase }: Coin): Coin {
  return { output: { value: output.value, scriptPubKey: output.scriptPubKey.slice() }, height, isCoinbase }
}
