/**
 * Values that this node puts into the hash table, and gets from it.
 *
 * Not for which values are kept for others (`value-records.ts`).
 *
 * Source: docs/protocol/peers.md#values
 */
import { ChainError } from '@chain/core/errors'
import type { Libp2p } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import { PeerError } from '../errors.ts'
import type { HostServices } from '../host/host.ts'
import type { Identity } from '../host/identity.ts'
import type { LogPort } from '../ports.ts'
import { dhtLimits } from './dht-limits.ts'
import { readEnvelope, valueLocation, valuePrefix } from './hash-table-store.ts'
import type { Operations } from './operations.ts'
import { formatRecordKey, parseRecordKey } from './record-key.ts'
import { checkRecord, decodeRecord, type SignedRecord, selectRecord, signRecord } from './signed-record.ts'

/** A value in the hash table. */
export interface FoundValue extends Omit<SignedRecord, 'signature'> {
  /** `/record/<peer id>/<name>`. */
  readonly key: string
}

/** A value that was put. */
export interface PutValue extends FoundValue {
  /** Peers that keep it now, this node left out. */
  readonly holders: number
}

/** What the hash table works with. */
export interface HashTableModules {
  readonly specId: string
  readonly host: Libp2p<HostServices>
  readonly identity: Identity
  /** The host's. */
  readonly datastore: Datastore
  /** Unix milliseconds. */
  readonly now: () => number
  readonly log: LogPort
}

/** This node's part in the values of the network. */
export class Values {
  readonly #modules: HashTableModules
  readonly #operations: Operations

  constructor(modules: HashTableModules, operations: Operations) {
    this.#modules = modules
    this.#operations = operations
  }

  /** The key of a name of this node's own. @throws {ParseError} `record-key-malformed` */
  keyOf(name: string): string {
    return formatRecordKey(this.#modules.host.peerId, name)
  }

  /**
   * Puts a value under a name of this node's own, in place of the one that is there.
   *
   * @param name - see {@link formatRecordKey}
   * @param value - at most `dhtLimits.valueBytes` bytes
   * @param lifetime - milliseconds, at most `dhtLimits.valueLifetime`; never ends before the value that was there
   * @throws {ParseError} `record-key-malformed` @throws {PeerError} also `record-refused`, `peer-missing`
   */
  async put(name: string, value: Uint8Array, lifetime: number = dhtLimits.valueLifetime): Promise<PutValue> {
    const { identity, specId, now } = this.#modules
    const key = this.keyOf(name)
    const kept = await this.#kept(key)
    const previous = await this.#ifValid(key, kept)
    if (previous === undefined) await this.#expectRoom()
    const seconds = Math.floor(now() / 1_000)
    const end = seconds + Math.floor(lifetime / 1_000)
    const content = {
      // Also after one that is not valid now, as one of a day when the clock was ahead: it is in the way otherwise.
      sequence: Math.max(seconds, kept === undefined ? 0 : decodeRecord(kept).sequence + 1),
      // Otherwise the one before would be the newest for those who missed this one, or be so again.
      expires: Math.max(end, previous === undefined ? 0 : decodeRecord(previous).expires),
      value,
    }
    const bytes = await signRecord(identity, specId, key, content)
    await checkRecord(specId, key, bytes, now())
    return { key, ...content, holders: await this.#spread(key, bytes) }
  }

  /** Puts all values of this node again that have not come to their end. @throws {PeerError} */
  async republish(): Promise<void> {
    for await (const [key, value] of this.#own()) await this.#spread(key, value)
  }

  /**
   * Gets the newest value of a key that anybody knows, and sees to it that those who keep an older one get it too.
   *
   * The library ends its search with an error when one holder of another value does not take the correction; the values
   * that it has come across are taken all the same.
   *
   * @returns `undefined` when there is none
   * @throws {ParseError} `record-key-malformed` @throws {PeerError}
   */
  async get(key: string): Promise<FoundValue | undefined> {
    parseRecordKey(key)
    const own = await this.#stored(key)
    if (own === undefined) this.#operations.expectCompany()
    const found: Uint8Array[] = own === undefined ? [] : [own]
    const failure = await this.#collect(key, found)
    const best = found[selectRecord(found)]
    if (best === undefined) {
      if (failure !== undefined) throw failure
      return undefined
    }
    if (failure !== undefined) await this.#correct(key, best)
    const { sequence, expires, value } = decodeRecord(best)
    return { key, sequence, expires, value }
  }

  /** The value of a key that is kept here, if it is still valid. */
  async #stored(key: string): Promise<Uint8Array | undefined> {
    return await this.#ifValid(key, await this.#kept(key))
  }

  /** The value of a key that is kept here, valid or not. */
  async #kept(key: string): Promise<Uint8Array | undefined> {
    const { datastore } = this.#modules
    const location = valueLocation(key)
    return (await datastore.has(location)) ? readEnvelope(await datastore.get(location)).value : undefined
  }

  async #ifValid(key: string, value: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    return value !== undefined && (await this.#isValid(key, value)) ? value : undefined
  }

  /** The values of this node that have not come to their end, with their keys. */
  async *#own(): AsyncGenerator<readonly [string, Uint8Array]> {
    const { host, datastore } = this.#modules
    for await (const { value } of datastore.query({ prefix: valuePrefix })) {
      const { key } = readEnvelope(value)
      const own = parseRecordKey(key).publisher.equals(host.peerId) ? await this.#stored(key) : undefined
      if (own !== undefined) yield [key, own]
    }
  }

  /** @throws {PeerError} `record-refused` when there are as many values of this node as there may be */
  async #expectRoom(): Promise<void> {
    let count = 0
    for await (const _ of this.#own()) count += 1
    if (count < dhtLimits.valuesPerPublisher) return
    const sentence = `This node has ${count} values in the hash table already, and may have no more at once.`
    throw new PeerError('record-refused', sentence)
  }

  async #isValid(key: string, value: Uint8Array): Promise<boolean> {
    const { specId, now } = this.#modules
    try {
      await checkRecord(specId, key, value, now())
      return true
    } catch (error) {
      if (error instanceof ChainError) return false
      throw error
    }
  }

  /**
   * Collects the valid values that peers keep, and gives the error with which the search ended, if any.
   *
   * The library checks what answers a search, but not what answers a correction, which may claim to be of the same kind.
   */
  async #collect(key: string, found: Uint8Array[]): Promise<Error | undefined> {
    if (this.#modules.host.getConnections().length === 0) return undefined
    try {
      await this.#operations.run(async (signal) => {
        for await (const event of this.#operations.table.get(new TextEncoder().encode(key), { signal })) {
          const isAnswer = event.name === 'PEER_RESPONSE' && event.messageName === 'GET_VALUE'
          const value = isAnswer ? event.record?.value : undefined
          if (value !== undefined && (await this.#isValid(key, value))) found.push(value)
        }
      })
      return undefined
    } catch (error) {
      this.#modules.log.debug({ key, error }, 'A search in the hash table ended with an error')
      return error as Error
    }
  }

  /** Gives the best value to all who should keep it. Who asked for it gets it whether or not that goes well. */
  async #correct(key: string, best: Uint8Array): Promise<void> {
    try {
      await this.#spread(key, best)
    } catch (error) {
      this.#modules.log.debug({ key, error }, 'A value of the hash table was not corrected')
    }
  }

  /** Sends a value to those who should keep it, and counts who does; one that refuses it does not matter to the others. */
  async #spread(key: string, bytes: Uint8Array): Promise<number> {
    this.#operations.expectCompany()
    return await this.#operations.run(async (signal) => {
      let holders = 0
      for await (const event of this.#operations.table.put(new TextEncoder().encode(key), bytes, {
        signal,
      })) {
        const isAnswer = event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE'
        if (isAnswer && event.record !== undefined) holders += 1
      }
      return holders
    })
  }
}
