/**
 * The chain store on LMDB: block records, bodies, undo data, coins, heights and the tip in the tables of `layout.ts`.
 *
 * Each commit is one durable transaction, the tip included. Not for deciding anything about the chain: that is the chain
 * manager's part.
 */
import type { Bytes } from '@chain/core/bytes'
import type { BlockRecord, BlockRef, ChainStore, ChainStoreBatch } from '@chain/core/chain'
import { DecodeError } from '@chain/core/errors'
import type { BlockHash, Coin, OutPoint } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import { decodeCoin, decodeRecord, encodeRecord, openSealed, sealValue } from './codecs.ts'
import { CoinCache } from './coin-cache.ts'
import { encodeCoins } from './coin-rows.ts'
import type { Environment, RowWrite } from './environment.ts'
import { storeCorrupt } from './errors.ts'
import { blockKey, heightKey, metaKey, parseCoinKey, type TableName } from './layout.ts'
import type { Snapshot } from './snapshot.ts'

const tipKey = metaKey('tip')

/** Bytes of memory for cached coins unless the caller says otherwise: 64 MiB, three quarters of a million of them. */
export const DEFAULT_CACHE_SIZE: number = 2 ** 26

/** The coins of one moment. */
export interface HeldCoins {
  /** The block after which they are; `undefined` in a new store. */
  readonly tip: BlockHash | undefined
  /** Every coin, ordered by transaction id bytes, then index. @throws {OperationalError} `store-*` */
  read(): Iterable<readonly [OutPoint, Coin]>
  /** Gives them back; they are not read any more. */
  release(): void
}

/**
 * A chain store in an open environment.
 *
 * Every read may also throw an `OperationalError` `store-corrupt` when a row is damaged. After a commit has failed, all
 * later ones fail with the same error: what was handed over before is not in the store, so nothing may build on it.
 */
export class LmdbChainStore implements ChainStore {
  readonly #environment: Environment
  readonly #cache: CoinCache

  /** @param cacheSize - bytes of memory for coins that were read or written last; 0 for none */
  constructor(environment: Environment, cacheSize: number = DEFAULT_CACHE_SIZE) {
    this.#environment = environment
    this.#cache = new CoinCache(cacheSize)
  }

  readTip(): BlockHash | undefined {
    return this.#readSealed('meta', tipKey)
  }

  *readRecords(): Iterable<BlockRecord> {
    for (const { key, value } of this.#environment.rows('headers')) {
      yield this.#decode('headers', () => decodeRecord(key, openSealed(key, value)))
    }
  }

  readHashAt(height: Height): BlockHash | undefined {
    return this.#readSealed('heights', heightKey(height))
  }

  readBody(block: BlockRef): Bytes | undefined {
    return this.#readSealed('blocks', blockKey(block))
  }

  readUndo(block: BlockRef): Bytes | undefined {
    return this.#readSealed('undo', blockKey(block))
  }

  readCoin(outpoint: OutPoint): Coin | undefined {
    const cached = this.#cache.get(outpoint)
    if (cached !== undefined) return cached
    const value = this.#environment.peekCoin(outpoint)
    if (value === undefined) return undefined
    const coin = this.#decode('coins', () => decodeCoin(value))
    this.#cache.put(outpoint, value)
    return coin
  }

  readCoins(): Iterable<readonly [OutPoint, Coin]> {
    return this.#readCoins()
  }

  /**
   * The coins as they are now, to be read with pauses. To be released soon: until then the data file grows where it would
   * use freed pages again.
   *
   * @throws {OperationalError} `store-*`
   */
  holdCoins(): HeldCoins {
    const tip = this.readTip()
    const snapshot = this.#environment.hold()
    let isReleased = false
    const release = (): void => {
      if (!isReleased) this.#environment.release(snapshot)
      isReleased = true
    }
    return { tip, read: () => this.#readCoins(snapshot), release }
  }

  /** Bytes that bodies and undo data take in the data file. @throws {OperationalError} `store-*` */
  get blockBytes(): number {
    return this.#environment.bytesOf('blocks') + this.#environment.bytesOf('undo')
  }

  /** Bytes that the coins take in the data file. @throws {OperationalError} `store-*` */
  get coinBytes(): number {
    return this.#environment.bytesOf('coins')
  }

  *#readCoins(held?: Snapshot): Iterable<readonly [OutPoint, Coin]> {
    for (const { key, value } of this.#environment.rows('coins', {}, held)) {
      const outpoint = parseCoinKey(key)
      if (outpoint === undefined) throw storeCorrupt(this.#environment.file, 'the key of a coin is malformed')
      yield [outpoint, this.#decode('coins', () => decodeCoin(value))]
    }
  }

  commit(batch: ChainStoreBatch): Promise<void> {
    // Encoded at once, so that an error in a batch leaves nothing half written, and the caller may go on with its maps.
    const rows = [...encodeBatch(batch)]
    const coins = encodeCoins(batch.coins ?? [])
    return this.#environment.write(rows, { coins, onVisible: () => this.#cache.update(coins) })
  }

  /**
   * Forgets everything that follows from connecting blocks: coins, undo data, heights, the tip and both indexes. Records and
   * bodies stay, so that the chain can be connected anew. One transaction; nothing may follow the chain meanwhile.
   *
   * @throws {OperationalError} `store-*`; nothing was changed
   */
  async dropState(): Promise<void> {
    const names = ['tip', 'transaction-index', 'filter-index'] as const
    const rows = names.map((name): RowWrite => ({ table: 'meta', key: metaKey(name), value: undefined }))
    const emptied = ['coins', 'undo', 'heights', 'transactions', 'filters'] as const
    await this.#environment.write(rows, { emptied, onVisible: () => this.#cache.clear() })
  }

  #readSealed(table: TableName, key: Uint8Array): Uint8Array | undefined {
    const sealed = this.#environment.get(table, key)
    return sealed === undefined ? undefined : this.#decode(table, () => openSealed(key, sealed))
  }

  #decode<Result>(table: TableName, decode: () => Result): Result {
    try {
      return decode()
    } catch (error) {
      if (error instanceof DecodeError)
        throw storeCorrupt(this.#environment.file, `a row of ${table} cannot be read`, error)
      throw error
    }
  }
}

function* encodeBatch(batch: ChainStoreBatch): Generator<RowWrite> {
  for (const record of batch.records ?? []) yield sealedRow('headers', blockKey(record), encodeRecord(record))
  for (const { block, bytes } of batch.bodies ?? []) yield sealedRow('blocks', blockKey(block), bytes)
  for (const { block, bytes } of batch.undo ?? []) yield sealedRow('undo', blockKey(block), bytes)
  for (const block of batch.pruned ?? []) {
    for (const table of ['blocks', 'undo'] as const) yield { table, key: blockKey(block), value: undefined }
  }
  for (const [height, hash] of batch.heights ?? []) yield sealedRow('heights', heightKey(height), hash)
  if (batch.tip !== undefined) yield sealedRow('meta', tipKey, batch.tip)
}

function sealedRow(table: TableName, key: Uint8Array, value: Uint8Array | undefined): RowWrite {
  return { table, key, value: value === undefined ? undefined : sealValue(key, value) }
}
