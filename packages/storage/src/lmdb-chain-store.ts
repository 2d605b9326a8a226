/**
 * The chain store on LMDB: block records, bodies, undo data, coins, heights and the tip in the tables of `layout.ts`.
 *
 * Each commit is one durable transaction, the tip included. Not for deciding anything about the chain: that is the chain
 * manager's part.
 */
import { type Bytes, ByteWriter } from '@chain/core/bytes'
import {
  type BlockRecord,
  type BlockRef,
  type ChainStore,
  type ChainStoreBatch,
  writeCoin,
} from '@chain/core/chain'
import { DecodeError } from '@chain/core/errors'
import type { BlockHash, Coin, OutPoint } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import { decodeCoin, decodeRecord, encodeRecord, openSealed, sealValue } from './codecs.ts'
import type { Environment, RowWrite } from './environment.ts'
import { storeCorrupt } from './errors.ts'
import { blockKey, coinKey, heightKey, metaKey, parseCoinKey, type TableName } from './layout.ts'

const tipKey = metaKey('tip')

/**
 * A chain store in an open environment.
 *
 * Every read may also throw an `OperationalError` `store-corrupt` when a row is damaged. After a commit has failed, all
 * later ones fail with the same error: what was handed over before is not in the store, so nothing may build on it.
 */
export class LmdbChainStore implements ChainStore {
  readonly #environment: Environment
  /** Settles with the last commit; rejected for good once one has failed. */
  #commits: Promise<void> = Promise.resolve()

  constructor(environment: Environment) {
    this.#environment = environment
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
    const value = this.#environment.peek('coins', coinKey(outpoint))
    return value === undefined ? undefined : this.#decode('coins', () => decodeCoin(value))
  }

  *readCoins(): Iterable<readonly [OutPoint, Coin]> {
    for (const { key, value } of this.#environment.rows('coins')) {
      const outpoint = parseCoinKey(key)
      if (outpoint === undefined) throw storeCorrupt(this.#environment.file, 'the key of a coin is malformed')
      yield [outpoint, this.#decode('coins', () => decodeCoin(value))]
    }
  }

  commit(batch: ChainStoreBatch): Promise<void> {
    // Encoded at once, so that an error in a batch leaves nothing half written, and the caller may go on with its maps.
    const rows = [...encodeBatch(batch)]
    this.#commits = this.#commits.then(() => this.#environment.write(rows))
    return this.#commits
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
  yield* coinRows(batch.coins ?? [])
  for (const [height, hash] of batch.heights ?? []) yield sealedRow('heights', heightKey(height), hash)
  if (batch.tip !== undefined) yield sealedRow('meta', tipKey, batch.tip)
}

/**
 * The values of all coins lie in one buffer: LMDB's binding looks up the address of each buffer it is given, which costs
 * more than the rest of a small row.
 */
function coinRows(coins: Iterable<readonly [OutPoint, Coin | undefined]>): RowWrite[] {
  const writer = new ByteWriter(1 << 12)
  const spans = Array.from(coins, ([outpoint, coin]) => {
    const start = writer.length
    if (coin !== undefined) writeCoin(writer, coin)
    return { key: coinKey(outpoint), start, end: writer.length }
  })
  const bytes = writer.toBytes()
  // Every coin takes some bytes: an empty span is one that is gone.
  return spans.map(({ key, start, end }) => {
    return { table: 'coins', key, value: start === end ? undefined : bytes.subarray(start, end) }
  })
}

function sealedRow(table: TableName, key: Uint8Array, value: Uint8Array | undefined): RowWrite {
  return { table, key, value: value === undefined ? undefined : sealValue(key, value) }
}
