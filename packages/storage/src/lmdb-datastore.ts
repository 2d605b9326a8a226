/**
 * The datastore of libp2p (peer store, DHT records, key chain) on a table of the data file.
 *
 * libp2p goes on writing for a while after it was stopped, and does not expect that to fail. Once closed, this store
 * therefore behaves as an empty one that forgets: puts and deletes resolve without effect, gets find nothing.
 *
 * Not a place for unbounded data: what peers may put here is limited where it comes in, in p2p.
 */
import { BaseDatastore } from 'datastore-core/base'
import { type Batch, Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import { type Environment, isKeyLengthAllowed, type RowRange, type RowWrite } from './environment.ts'

const TABLE = 'libp2p'

/** What libp2p passes to every call. */
interface AbortOptions {
  readonly signal?: AbortSignal
}

/** A libp2p `Datastore` in an open environment. Prefix queries are range scans and hold no reader open. */
export class LmdbDatastore extends BaseDatastore {
  readonly #environment: Environment
  #isClosed = false

  constructor(environment: Environment) {
    super()
    this.#environment = environment
  }

  /** From now on forgets what is written. The environment is closed by its owner. */
  close(): void {
    this.#isClosed = true
  }

  /** Resolves when the value is on the disk. @throws {OperationalError} `store-*`, `store-key-too-long` */
  override async put(key: Key, value: Uint8Array): Promise<Key> {
    await this.#write([putRow(key, value)])
    return key
  }

  /** @throws {NotFoundError} when there is no such key (libp2p's own error, which it looks for) */
  override get(key: Key): Uint8Array {
    const bytes = encodeKey(key)
    const value =
      this.#isClosed || !isKeyLengthAllowed(bytes) ? undefined : this.#environment.get(TABLE, bytes)
    if (value === undefined) throw new NotFoundError(`The datastore has no ${key.toString()}.`)
    return value
  }

  override has(key: Key): boolean {
    const bytes = encodeKey(key)
    return !this.#isClosed && isKeyLengthAllowed(bytes) && this.#environment.has(TABLE, bytes)
  }

  override async delete(key: Key): Promise<void> {
    await this.#write(deleteRows(key))
  }

  /** Collects puts and deletes, in order, that take effect together. */
  override batch(): Batch {
    let rows: RowWrite[] = []
    return {
      put: (key, value) => {
        rows.push(putRow(key, value))
      },
      delete: (key) => {
        rows.push(...deleteRows(key))
      },
      commit: async () => {
        const group = rows
        rows = []
        await this.#write(group)
      },
    }
  }

  override async *_all(query: Query, options?: AbortOptions): AsyncGenerator<Pair> {
    if (this.#isClosed) return
    for (const { key, value } of this.#environment.rows(TABLE, rangeOf(query.prefix))) {
      options?.signal?.throwIfAborted()
      yield { key: decodeKey(key), value }
      if (this.#isClosed) return
    }
  }

  override async *_allKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key> {
    for await (const { key } of this._all(
      query.prefix === undefined ? {} : { prefix: query.prefix },
      options,
    )) {
      yield key
    }
  }

  async #write(rows: readonly RowWrite[]): Promise<void> {
    if (this.#isClosed) return
    await this.#environment.write(rows)
  }
}

function putRow(key: Key, value: Uint8Array): RowWrite {
  return { table: TABLE, key: encodeKey(key), value }
}

/** Nothing can be there under a key that LMDB does not take. */
function deleteRows(key: Key): RowWrite[] {
  const bytes = encodeKey(key)
  return isKeyLengthAllowed(bytes) ? [{ table: TABLE, key: bytes, value: undefined }] : []
}

function encodeKey(key: Key): Uint8Array {
  return Buffer.from(key.toString())
}

function decodeKey(bytes: Uint8Array): Key {
  return new Key(Buffer.from(bytes).toString(), false)
}

/** All keys that begin with a prefix. 0xff never occurs in UTF-8, so it sorts behind every continuation. */
function rangeOf(prefix: string | undefined): RowRange {
  if (prefix === undefined || prefix === '') return {}
  const start = Buffer.from(prefix)
  return { start, end: Buffer.concat([start, Buffer.from([0xff])]) }
}
