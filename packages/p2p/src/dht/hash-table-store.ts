/**
 * Where the hash table keeps its records: a datastore in front of another that admits, bounds and draws them.
 *
 * The table's library stores whatever passes its validators, without a bound and without comparing it with what is there,
 * and answers with all providers of a key, or with none when one of them is unknown to the peer store. This store is the
 * place where all of that is put right, for what others send and for what this node does itself.
 *
 * Keys are the library's: `/dht/record/<base32 key>` and `/dht/provider/<base32 multihash>/<peer id>`.
 *
 * Source: docs/decisions/0020-hash-table.md
 */
import { type AbortOptions, NotFoundError, type PeerId, type PeerStore } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { Libp2pRecord } from '@libp2p/record'
import { BaseDatastore } from 'datastore-core/base'
import { type Datastore, Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { base32 } from 'multiformats/bases/base32'
import type { CID } from 'multiformats/cid'
import { dhtLimits } from './dht-limits.ts'
import { ProviderRecords } from './provider-records.ts'
import { parseRecordKey } from './record-key.ts'
import { currentSender } from './sender.ts'
import { decodeRecord } from './signed-record.ts'
import { isForgettable, type StoredValue, ValueRecords } from './value-records.ts'

/** Where values stand. */
export const valuePrefix = '/dht/record/'
/** Where provider records stand: `/dht/provider/<key>/<peer id>`. */
export const providerPrefix = '/dht/provider/'

/** What the store works with. */
export interface HashTableStoreModules {
  /** Where everything is written. */
  readonly datastore: Datastore
  /** Providers that it does not know are not told. */
  readonly peerStore: Pick<PeerStore, 'has'>
  readonly self: PeerId
  /** The keys under which peers meet. */
  readonly rendezvous: readonly CID[]
  /** Unix milliseconds. */
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
}

/** The datastore of the hash table. */
export class HashTableStore extends BaseDatastore {
  readonly #modules: HashTableStoreModules
  readonly #values: ValueRecords
  readonly #providers: ProviderRecords
  #loaded: Promise<void> | undefined

  constructor(modules: HashTableStoreModules) {
    super()
    this.#modules = modules
    const rendezvous = modules.rendezvous.map(multihashText)
    this.#values = new ValueRecords(modules.self.toString())
    this.#providers = new ProviderRecords(rendezvous, modules.self.toString())
  }

  /** @throws {PeerError} `record-outdated`, `record-refused` @throws {ParseError} `record-key-malformed` */
  override async put(key: Key, value: Uint8Array, options?: AbortOptions): Promise<Key> {
    await this.#load()
    const { datastore } = this.#modules
    const displaced = this.#admit(key.toString(), value)
    // At once, so that rows are written in the order in which they were admitted.
    const written = datastore.put(key, value, options)
    for (const name of displaced) await datastore.delete(new Key(name, false), options)
    return await written
  }

  override async get(key: Key, options?: AbortOptions): Promise<Uint8Array> {
    await this.#load()
    const { datastore, now } = this.#modules
    if (!this.#values.isExpired(key.toString(), now())) return await datastore.get(key, options)
    throw new NotFoundError(`The value ${key.toString()} has expired.`)
  }

  override has(key: Key, options?: AbortOptions): boolean | Promise<boolean> {
    return this.#modules.datastore.has(key, options)
  }

  override async delete(key: Key, options?: AbortOptions): Promise<void> {
    await this.#load()
    const name = key.toString()
    const provider = readProviderKey(name)
    if (provider === undefined) this.#values.delete(name)
    else this.#providers.delete(provider)
    await this.#modules.datastore.delete(key, options)
  }

  /** A query for the providers of one key yields some of them, drawn anew each time; others yield everything. */
  override async *query(query: Query, options?: AbortOptions): AsyncGenerator<Pair> {
    await this.#load()
    const key = readKeyPrefix(query.prefix)
    if (key === undefined) yield* this.#modules.datastore.query(query, options)
    else yield* this.#drawProviders(key, options)
  }

  override async *queryKeys(query: KeyQuery, options?: AbortOptions): AsyncGenerator<Key> {
    yield* this.#modules.datastore.queryKeys(query, options)
  }

  /** Deletes all values whose numbers are not needed any more. */
  async sweep(): Promise<void> {
    await this.#load()
    for (const id of this.#values.forgettable(this.#modules.now())) await this.delete(new Key(id, false))
  }

  /** Keys of the datastore that must go, so that this one may come. */
  #admit(name: string, bytes: Uint8Array): readonly string[] {
    const sender = currentSender()
    const provider = readProviderKey(name)
    if (provider !== undefined) {
      return this.#providers.add(provider, sender ?? provider.peer).map(providerKey)
    }
    if (!name.startsWith(valuePrefix)) return []
    const value = readValue(name, bytes)
    return this.#values.add(value, sender ?? value.publisher)
  }

  async *#drawProviders(key: string, options?: AbortOptions): AsyncGenerator<Pair> {
    const { datastore, peerStore, random } = this.#modules
    let left: number = dhtLimits.providersPerAnswer
    for (const peer of this.#providers.draw(key, random)) {
      if (left === 0) return
      const row = new Key(providerKey({ key, peer }), false)
      // A provider may have been forgotten without us. The library fails the answer for one that the peer store lacks.
      if (!(await peerStore.has(peerIdFromString(peer), options))) continue
      if (!(await datastore.has(row, options))) continue
      yield { key: row, value: await datastore.get(row, options) }
      left -= 1
    }
  }

  /** What an earlier run has left, read once. Who sent it is not known any more. */
  #load(): Promise<void> {
    this.#loaded ??= this.#read()
    return this.#loaded
  }

  async #read(): Promise<void> {
    const { datastore, now } = this.#modules
    const surplus: string[] = []
    for await (const key of datastore.queryKeys({ prefix: providerPrefix })) {
      const record = readProviderKey(key.toString())
      if (record !== undefined) surplus.push(...this.#providers.add(record, record.peer).map(providerKey))
    }
    for await (const { key, value } of datastore.query({ prefix: valuePrefix })) {
      const name = key.toString()
      const stored = tryReadValue(name, value)
      if (stored === undefined || isForgettable(stored.record, now())) surplus.push(name)
      else surplus.push(...this.#values.add(stored, stored.publisher))
    }
    for (const name of surplus) await datastore.delete(new Key(name, false))
  }
}

/** How a key stands in the names of its provider records. */
export function multihashText({ multihash }: CID): string {
  return base32.encode(multihash.bytes).slice(1)
}

/** Where the value of a key stands in a datastore. */
export function valueLocation(key: string): Key {
  return new Key(`${valuePrefix}${base32.encode(new TextEncoder().encode(key)).slice(1)}`, false)
}

/** Reads a value as the library stores it: its own envelope around our record. @throws {Error} when it is damaged */
export function readEnvelope(bytes: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  const { key, value } = Libp2pRecord.deserialize(bytes)
  return { key: new TextDecoder().decode(key), value }
}

/** @throws {PeerError} `record-refused` @throws {ParseError} `record-key-malformed` @throws {Error} when it is damaged */
function readValue(id: string, bytes: Uint8Array): StoredValue {
  const { key, value } = readEnvelope(bytes)
  return { id, publisher: parseRecordKey(key).publisher.toString(), record: decodeRecord(value) }
}

/** What is damaged is `undefined`: it goes, as there is nobody to tell and others keep the value too. */
function tryReadValue(id: string, bytes: Uint8Array): StoredValue | undefined {
  try {
    return readValue(id, bytes)
  } catch {
    return undefined
  }
}

function providerKey({ key, peer }: { readonly key: string; readonly peer: string }): string {
  return `${providerPrefix}${key}/${peer}`
}

function readProviderKey(name: string): { readonly key: string; readonly peer: string } | undefined {
  if (!name.startsWith(providerPrefix)) return undefined
  const [key = '', peer = ''] = name.slice(providerPrefix.length).split('/')
  return key === '' || peer === '' ? undefined : { key, peer }
}

/** The key of a query for the providers of one key. */
function readKeyPrefix(prefix: string | undefined): string | undefined {
  if (prefix === undefined || !prefix.startsWith(providerPrefix)) return undefined
  const key = prefix.slice(providerPrefix.length)
  return key === '' || key.includes('/') ? undefined : key
}
