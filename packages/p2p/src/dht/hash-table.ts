/**
 * What a node does with the distributed hash table: ping, find peers, put and get values, provide and find providers.
 *
 * Not for the rendezvous of a network's nodes (`discovery/`), nor for what strangers may store here
 * (`hash-table-store.ts`). Operations end after `dhtLimits.operation` at the latest.
 *
 * Source: docs/protocol/peers.md#hash-table
 */

import { ChainError, invariant, ParseError, reasonOf } from '@chain/core/errors'
import { protocolPrefix } from '@chain/wire'
import type { Libp2p, PeerId, PeerInfo } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Datastore } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { Deadline } from '../deadline.ts'
import { PeerError, toPeerError } from '../errors.ts'
import type { HostServices } from '../host.ts'
import type { Identity } from '../identity.ts'
import { parseAddress, withoutPeerId } from '../peers/addresses.ts'
import { ConnectError } from '../peers/connect-error.ts'
import type { LogPort } from '../ports.ts'
import { dhtLimits } from './dht-limits.ts'
import {
  multihashText,
  providerPrefix,
  readEnvelope,
  valueLocation,
  valuePrefix,
} from './hash-table-store.ts'
import { formatRecordKey, parseRecordKey } from './record-key.ts'
import { checkRecord, decodeRecord, type SignedRecord, selectRecord, signRecord } from './signed-record.ts'

/** Where a peer is. */
export interface FoundPeer {
  readonly peerId: string
  /** Multiaddrs without the peer id. */
  readonly addresses: readonly string[]
}

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

/** What it works with. */
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

/** The hash table of a network. */
export class HashTable {
  readonly #modules: HashTableModules
  #timer: NodeJS.Timeout | undefined
  readonly #stop = new AbortController()

  constructor(modules: HashTableModules) {
    this.#modules = modules
  }

  /** Puts this node's own values again from time to time, so that they outlive those who keep them. */
  start(): void {
    this.#timer = setInterval(() => {
      this.republish().catch((error: unknown) => {
        this.#modules.log.debug({ error }, 'Values of the hash table were not put again')
      })
    }, dhtLimits.republish)
  }

  /** Ends all that is under way. */
  stop(): void {
    clearInterval(this.#timer)
    this.#stop.abort(new PeerError('cancelled', 'The node stops.'))
  }

  /**
   * Pings a peer and gives the milliseconds until its answer.
   *
   * @param peer - a peer id, which is looked up, or a multiaddr
   * @throws {ConnectError} `peer-unreachable`, `address-malformed` @throws {ParseError} `peer-id-malformed`
   */
  async ping(peer: string): Promise<number> {
    const { ping } = this.#modules.host.services
    const target = peer.startsWith('/') ? parseAddress(peer) : parsePeerId(peer)
    try {
      return await this.#attempt((signal) => ping.ping(target, { signal }))
    } catch (cause) {
      throw unanswered(peer, cause)
    }
  }

  /**
   * Finds the addresses of a peer; `undefined` when nobody knows them.
   *
   * @throws {PeerError} @throws {ParseError} `peer-id-malformed`
   */
  async findPeer(peerId: string): Promise<FoundPeer | undefined> {
    const { host } = this.#modules
    const id = parsePeerId(peerId)
    if (id.equals(host.peerId)) return { peerId, addresses: host.getMultiaddrs().map(withoutPeerId) }
    // What is known here may be the peer id alone.
    const found = (await this.#searchPeer(id, true)) ?? (await this.#searchPeer(id, false))
    return found === undefined ? undefined : describePeer(found)
  }

  async #searchPeer(id: PeerId, useCache: boolean): Promise<PeerInfo | undefined> {
    if (!useCache) this.#expectCompany()
    return await this.#attempt(async (signal) => {
      try {
        for await (const event of this.#table.findPeer(id, { signal, useCache, useNetwork: !useCache })) {
          if (event.name === 'FINAL_PEER' && event.peer.multiaddrs.length > 0) return event.peer
        }
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
      return undefined
    })
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
   * @param lifetime - milliseconds, at most `dhtLimits.valueLifetime`
   * @throws {ParseError} `record-key-malformed` @throws {PeerError} also `record-refused`, `peer-missing`
   */
  async put(name: string, value: Uint8Array, lifetime: number = dhtLimits.valueLifetime): Promise<PutValue> {
    const { identity, specId, now } = this.#modules
    const key = this.keyOf(name)
    const previous = await this.#stored(key)
    const seconds = Math.floor(now() / 1_000)
    const content = {
      sequence: Math.max(seconds, (previous === undefined ? 0 : decodeRecord(previous).sequence) + 1),
      expires: seconds + Math.floor(lifetime / 1_000),
      value,
    }
    const bytes = await signRecord(identity, specId, key, content)
    await checkRecord(specId, key, bytes, now())
    return { key, ...content, holders: await this.#spread(key, bytes) }
  }

  /** Puts all values of this node again that have not come to their end. @throws {PeerError} */
  async republish(): Promise<void> {
    const { host, datastore } = this.#modules
    for await (const { value } of datastore.query({ prefix: valuePrefix })) {
      const { key } = readEnvelope(value)
      const own = parseRecordKey(key).publisher.equals(host.peerId) ? await this.#stored(key) : undefined
      if (own !== undefined) await this.#spread(key, own)
    }
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
    if (own === undefined) this.#expectCompany()
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

  /**
   * Registers this node as a provider of a key, from now on and over restarts.
   *
   * @param text - 1 to `dhtLimits.keyBytes` bytes; its hash is the key
   * @throws {ParseError} `provider-key-malformed` @throws {PeerError} also `record-refused`, `peer-missing`
   */
  async provide(text: string): Promise<void> {
    const key = await providerKey(this.#modules.specId, text)
    this.#expectCompany()
    await this.#expectRoom(key)
    await this.#attempt(async (signal) => {
      for await (const _ of this.#table.provide(key, { signal }));
    })
  }

  /** Registers this node no more; others forget it after `hostLimits.recordValidity`. @throws {ParseError} `provider-key-malformed` */
  async stopProviding(text: string): Promise<void> {
    await this.#table.cancelReprovide(await providerKey(this.#modules.specId, text))
  }

  /**
   * Finds peers that are registered as providers of a key, this node left out; at most `dhtLimits.foundProviders`.
   *
   * @throws {ParseError} `provider-key-malformed` @throws {PeerError}
   */
  async findProviders(text: string): Promise<readonly FoundPeer[]> {
    const key = await providerKey(this.#modules.specId, text)
    const found = new Map<string, FoundPeer>()
    this.#expectCompany()
    await this.#attempt(async (signal) => {
      for await (const event of this.#table.findProviders(key, { signal })) {
        if (event.name !== 'PROVIDER') continue
        for (const peer of event.providers) found.set(peer.id.toString(), describePeer(peer))
        if (found.size >= dhtLimits.foundProviders) return
      }
    })
    found.delete(this.#modules.host.peerId.toString())
    return [...found.values()].slice(0, dhtLimits.foundProviders)
  }

  get #table(): KadDHT {
    const { dht } = this.#modules.host.services
    invariant(dht !== undefined, 'A hash table needs a host that was made with one.')
    return dht
  }

  /** Without anybody connected the library would wait for its first peer. @throws {PeerError} `peer-missing` */
  #expectCompany(): void {
    if (this.#modules.host.getConnections().length > 0) return
    throw new PeerError('peer-missing', 'Nobody is connected, so that there is no hash table to ask.')
  }

  /** @throws {PeerError} `record-refused` */
  async #expectRoom(key: CID): Promise<void> {
    const { datastore, host } = this.#modules
    const own = new Set<string>()
    for await (const row of datastore.queryKeys({ prefix: providerPrefix })) {
      if (row.name() === host.peerId.toString()) own.add(row.parent().name())
    }
    own.add(multihashText(key))
    if (own.size <= dhtLimits.ownKeys) return
    throw new PeerError(
      'record-refused',
      `This node provides ${own.size - 1} keys already, no more are possible.`,
    )
  }

  /** The value of a key that is kept here, if it is still valid. */
  async #stored(key: string): Promise<Uint8Array | undefined> {
    const { datastore } = this.#modules
    const location = valueLocation(key)
    if (!(await datastore.has(location))) return undefined
    const { value } = readEnvelope(await datastore.get(location))
    return (await this.#isValid(key, value)) ? value : undefined
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
      await this.#attempt(async (signal) => {
        for await (const event of this.#table.get(new TextEncoder().encode(key), { signal })) {
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
    this.#expectCompany()
    return await this.#attempt(async (signal) => {
      let holders = 0
      for await (const event of this.#table.put(new TextEncoder().encode(key), bytes, { signal })) {
        const isAnswer = event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE'
        if (isAnswer && event.record !== undefined) holders += 1
      }
      return holders
    })
  }

  /** @throws {PeerError} */
  async #attempt<Result>(operation: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const deadline = new Deadline(dhtLimits.operation, this.#stop.signal)
    try {
      return await operation(deadline.signal)
    } catch (error) {
      throw toPeerError(deadline.signal.aborted ? deadline.signal.reason : error)
    } finally {
      deadline.dispose()
    }
  }
}

/** The key that a text stands for. @throws {ParseError} `provider-key-malformed` */
async function providerKey(specId: string, text: string): Promise<CID> {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length === 0 || bytes.length > dhtLimits.keyBytes) {
    throw new ParseError(
      'provider-key-malformed',
      `A key to provide has 1 to ${dhtLimits.keyBytes} bytes, not ${bytes.length}.`,
    )
  }
  return CID.createV1(
    rawCode,
    await sha256.digest(new TextEncoder().encode(`/${protocolPrefix(specId)}/provide/1/${text}`)),
  )
}

/** @throws {ParseError} `peer-id-malformed` */
function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (cause) {
    throw malformedPeerId(text, cause)
  }
}

function unanswered(peer: string, cause: unknown): ConnectError {
  return new ConnectError('peer-unreachable', `The peer ${peer} does not answer: ${reasonOf(cause)}.`, {
    cause,
  })
}

function malformedPeerId(text: string, cause: unknown): ParseError {
  return new ParseError('peer-id-malformed', `"${text.slice(0, 80)}" is no peer id.`, {}, { cause })
}

function describePeer({ id, multiaddrs }: PeerInfo): FoundPeer {
  return { peerId: id.toString(), addresses: [...new Set(multiaddrs.map(withoutPeerId))] }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotFoundError'
}
