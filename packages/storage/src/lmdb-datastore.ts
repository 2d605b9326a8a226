/**
 * The datastore of libp2p (peer store, DHT records, key chain) on a table of the data file.
 *
 * libp2p goes on writing for a while after it was stopped, and does not expect that to fail. Once closed, this store
 * therefore behaves as an empty one that forgets: puts and deletes resolve without effect, gets find nothing.
 *
 * The peer store writes a peer down again with every stream that is opened, mostly the same bytes as before. Each of these writes
 * would flush the disk, and blocks would wait for it: so what is the same is not written, and the rest a moment later,
 * all together. Until then it is kept in memory. Who kills the process loses what was learnt of peers in that moment.
 *
 * Not a place for unbounded data: what peers may put here is limited where it comes in, in p2p.
 */
import { equalBytes } from '@chain/core/bytes'
import { BaseDatastore } from 'datastore-core/base'
import { type Batch, Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import { type Environment, isKeyLengthAllowed, type RowRange, type RowWrite } from './environment.ts'

const TABLE = 'libp2p'

/** What the keys of the peer store begin with. */
const PEERS_PREFIX = '/peers/'

/** Milliseconds after which its rows are written. */
const LATE_DELAY = 1_000

/** So many of them do not wait. */
const MAX_LATE_ROWS = 1_000

/** What libp2p passes to every call. */
interface AbortOptions {
  readonly signal?: AbortSignal
}

/** A libp2p `Datastore` in an open environment. Prefix queries are range scans and hold no reader open. */
export class LmdbDatastore extends BaseDatastore {
  readonly #environment: Environment
  /** Rows that are not on the disk yet, by key. */
  readonly #late = new Map<string, RowWrite>()
  /** Ends when what was there to write is written. */
  #writing: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isClosed = false

  constructor(environment: Environment) {
    super()
    this.#environment = environment
  }

  /** Writes what waits, and forgets from now on what is written. The environment is closed by its owner. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writeLate()
  }

  /**
   * Resolves when the value is on the disk, or in memory when it is of the peer store.
   *
   * @throws {OperationalError} `store-*`, `store-key-too-long`
   */
  override async put(key: Key, value: Uint8Array): Promise<Key> {
    await this.#write([putRow(key, value)])
    return key
  }

  /** @throws {NotFoundError} when there is no such key (libp2p's own error, which it looks for) */
  override get(key: Key): Uint8Array {
    const value = this.#find(key)
    if (value === undefined) throw new NotFoundError(`The datastore has no ${key.toString()}.`)
    return value
  }

  override has(key: Key): boolean {
    return this.#find(key) !== undefined
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
    if (mayFindPeers(query.prefix)) await this.#writeLate()
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

  #find(key: Key): Uint8Array | undefined {
    const bytes = encodeKey(key)
    if (this.#isClosed || !isKeyLengthAllowed(bytes)) return undefined
    const late = this.#late.get(key.toString())
    return late === undefined ? this.#environment.get(TABLE, bytes) : late.value
  }

  async #write(rows: readonly RowWrite[]): Promise<void> {
    if (this.#isClosed) return
    if (rows.every(mayBeLate)) {
      for (const row of rows) this.#keep(row)
      if (this.#late.size >= MAX_LATE_ROWS) await this.#writeLate()
      return
    }
    // What was put before must not come after.
    if (rows.some(mayBeLate)) await this.#writeLate()
    await this.#environment.write(rows)
  }

  #keep(row: RowWrite): void {
    const key = decodeKey(row.key)
    const before = this.#find(key)
    if (before === undefined ? row.value === undefined : isSame(before, row.value)) return
    this.#late.set(key.toString(), row)
    this.#timer ??= setTimeout(() => void this.#writeLate(), LATE_DELAY).unref()
  }

  /** Never rejects: whoever has opened the file hears that writing failed ({@link Environment.failed}). */
  #writeLate(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#writeRows())
    return this.#writing
  }

  async #writeRows(): Promise<void> {
    const rows = [...this.#late]
    if (rows.length > 0 && !this.#environment.isClosed)
      await this.#environment.write(rows.map(([, row]) => row)).catch(() => undefined)
    // What reads see holds them by now; a row may have been put again meanwhile.
    for (const [key, row] of rows) if (this.#late.get(key) === row) this.#late.delete(key)
  }
}

function putRow(key: Key, value: Uint8Array): RowWrite {
  return { table: TABLE, key: encodeKey(key), value }
}

function mayBeLate({ key }: RowWrite): boolean {
  return isKeyLengthAllowed(key) && Buffer.from(key).toString().startsWith(PEERS_PREFIX)
}

/** Questions about other rows, which strangers cause, must not wait for the disk. */
function mayFindPeers(prefix = ''): boolean {
  return PEERS_PREFIX.startsWith(prefix) || prefix.startsWith(PEERS_PREFIX)
}

function isSame(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && equalBytes(a, b)
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
