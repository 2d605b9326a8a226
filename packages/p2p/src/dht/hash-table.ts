/**
 * What a node does with the distributed hash table: ping, find peers, put and get values, provide and find providers.
 *
 * Not for the rendezvous of a network's nodes (`discovery/`), nor for what strangers may store here
 * (`hash-table-store.ts`). Operations end after `dhtLimits.operation` at the latest.
 *
 * Source: docs/protocol/peers.md#hash-table
 */

import { ParseError, reasonOf } from '@chain/core/errors'
import { protocolPrefix } from '@chain/wire'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { PeerError } from '../errors.ts'
import { parseAddress, withoutPeerId } from '../peers/addresses.ts'
import { ConnectError } from '../peers/connect-error.ts'
import { dhtLimits } from './dht-limits.ts'
import { multihashText, providerPrefix } from './hash-table-store.ts'
import { Operations } from './operations.ts'
import { type FoundValue, type HashTableModules, type PutValue, Values } from './values.ts'

/** Where a peer is. */
export interface FoundPeer {
  readonly peerId: string
  /** Multiaddrs without the peer id. */
  readonly addresses: readonly string[]
}

/** The hash table of a network. */
export class HashTable {
  readonly #modules: HashTableModules
  readonly #operations: Operations
  readonly #values: Values
  #timer: NodeJS.Timeout | undefined

  constructor(modules: HashTableModules) {
    this.#modules = modules
    this.#operations = new Operations(modules.host)
    this.#values = new Values(modules, this.#operations)
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
    this.#operations.stop()
  }

  /**
   * Pings a peer and gives the milliseconds until its answer.
   *
   * @param peer - a peer id, which is looked up, or a multiaddr
   * @throws {ConnectError} `peer-unreachable`, `address-malformed` @throws {ParseError} `peer-id-malformed`
   * @throws {PeerError} `peer-missing` when there is nobody to ask where a peer is
   */
  async ping(peer: string): Promise<number> {
    const { ping } = this.#modules.host.services
    const target = peer.startsWith('/') ? parseAddress(peer) : parsePeerId(peer)
    if (!peer.startsWith('/')) this.#operations.expectCompany()
    try {
      return await this.#operations.run((signal) => ping.ping(target, { signal }))
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
    if (!useCache) this.#operations.expectCompany()
    return await this.#operations.run(async (signal) => {
      try {
        for await (const event of this.#operations.table.findPeer(id, {
          signal,
          useCache,
          useNetwork: !useCache,
        })) {
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
    return this.#values.keyOf(name)
  }

  /** Puts a value under a name of this node's own: see {@link Values.put}. */
  put(name: string, value: Uint8Array, lifetime?: number): Promise<PutValue> {
    return this.#values.put(name, value, lifetime)
  }

  /** Gets the newest value of a key: see {@link Values.get}. */
  get(key: string): Promise<FoundValue | undefined> {
    return this.#values.get(key)
  }

  /** Puts all values of this node again that have not come to their end. @throws {PeerError} */
  republish(): Promise<void> {
    return this.#values.republish()
  }

  /**
   * Registers this node as a provider of a key, from now on and over restarts.
   *
   * @param text - 1 to `dhtLimits.keyBytes` bytes; its hash is the key
   * @throws {ParseError} `provider-key-malformed` @throws {PeerError} also `record-refused`, `peer-missing`
   */
  async provide(text: string): Promise<void> {
    const key = await providerKey(this.#modules.specId, text)
    this.#operations.expectCompany()
    await this.#expectRoom(key)
    await this.#operations.run(async (signal) => {
      for await (const _ of this.#operations.table.provide(key, { signal }));
    })
  }

  /** Registers this node no more; others forget it after `hostLimits.recordValidity`. @throws {ParseError} `provider-key-malformed` */
  async stopProviding(text: string): Promise<void> {
    await this.#operations.table.cancelReprovide(await providerKey(this.#modules.specId, text))
  }

  /**
   * Finds peers that are registered as providers of a key, this node left out; at most `dhtLimits.foundProviders`.
   *
   * @throws {ParseError} `provider-key-malformed` @throws {PeerError}
   */
  async findProviders(text: string): Promise<readonly FoundPeer[]> {
    const key = await providerKey(this.#modules.specId, text)
    const found = new Map<string, FoundPeer>()
    this.#operations.expectCompany()
    await this.#operations.run(async (signal) => {
      for await (const event of this.#operations.table.findProviders(key, { signal })) {
        if (event.name !== 'PROVIDER') continue
        for (const peer of event.providers) found.set(peer.id.toString(), describePeer(peer))
        if (found.size >= dhtLimits.foundProviders) return
      }
    })
    found.delete(this.#modules.host.peerId.toString())
    return [...found.values()].slice(0, dhtLimits.foundProviders)
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
  const { name } = cause instanceof Error && cause.cause instanceof Error ? cause.cause : { name: '' }
  if (name === 'NoValidAddressesError')
    return new ConnectError('peer-unreachable', `No address of the peer ${peer} can be found.`, { cause })
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
