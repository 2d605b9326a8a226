/**
 * Keeps provider records of foreign keys out of the distributed hash table's store.
 *
 * The table itself stores whatever any peer provides, without a bound on keys. A private network needs the records of
 * its rendezvous keys only, so everything else is refused before it is written; the peer that sent it sees its stream
 * reset. Records of this node's own are never refused.
 */
import type { AbortOptions, PeerId } from '@libp2p/interface'
import { BaseDatastore } from 'datastore-core/base'
import type { Batch, Datastore, Key, KeyQuery, Pair, Query } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import type { CID } from 'multiformats/cid'
import { PeerError } from './errors.ts'

/** Where the table keeps its records: `/dht/provider/<base32 multihash>/<peer id>`. */
const providerPrefix = '/dht/provider/'

/** What may be provided, and by whom it is always allowed. */
export interface ProviderRules {
  /** The keys under which any peer may register itself. */
  readonly keys: readonly CID[]
  /** This node. */
  readonly self: PeerId
}

/** A datastore in front of another that refuses foreign provider records and passes everything else on. */
export class ProviderRecordFilter extends BaseDatastore {
  readonly #store: Datastore
  readonly #keys: ReadonlySet<string>
  readonly #self: string

  constructor(store: Datastore, rules: ProviderRules) {
    super()
    this.#store = store
    this.#keys = new Set(rules.keys.map((key) => base32.encode(key.multihash.bytes).slice(1)))
    this.#self = rules.self.toString()
  }

  override put(key: Key, value: Uint8Array, options?: AbortOptions): Key | Promise<Key> {
    this.#check(key)
    return this.#store.put(key, value, options)
  }

  override get(key: Key, options?: AbortOptions): Uint8Array | Promise<Uint8Array> {
    return this.#store.get(key, options)
  }

  override has(key: Key, options?: AbortOptions): boolean | Promise<boolean> {
    return this.#store.has(key, options)
  }

  override delete(key: Key, options?: AbortOptions): void | Promise<void> {
    return this.#store.delete(key, options)
  }

  override batch(): Batch {
    const batch = this.#store.batch()
    return {
      put: (key, value) => {
        this.#check(key)
        batch.put(key, value)
      },
      delete: (key) => batch.delete(key),
      commit: (options) => batch.commit(options),
    }
  }

  override async *query(query: Query, options?: AbortOptions): AsyncGenerator<Pair> {
    yield* this.#store.query(query, options)
  }

  override async *queryKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key> {
    yield* this.#store.queryKeys(query, options)
  }

  #check(key: Key): void {
    const name = key.toString()
    if (!name.startsWith(providerPrefix)) return
    const [record = '', peer] = name.slice(providerPrefix.length).split('/')
    if (peer === this.#self || this.#keys.has(record)) return
    throw new PeerError(
      'record-refused',
      `A provider record for ${record} is refused: not a key of this network.`,
    )
  }
}
