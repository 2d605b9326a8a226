/**
 * Rendezvous through the distributed hash table: nodes of a network register themselves under a key made from a text, and
 * find each other by asking for that key.
 *
 * Not for when to do so (`plan.ts`). A key is the SHA-256 of a text as a raw CID: servers drop records under other hashes.
 * There is one key for all, under which two strangers meet at once, and sixteen shards, so that a large network is not
 * known by the same few peers only: a server that keeps twenty records of a key names itself always the same ones, and
 * one that keeps thousands names them all in one answer. Each node stands in the shard that its peer id says.
 *
 * Source: docs/protocol/peers.md#rendezvous
 */
import { rendezvousShards, rendezvousText } from '@chain/wire'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { toPeerError } from '../errors.ts'
import { withoutPeerId } from '../peers/addresses.ts'
import { discoveryLimits } from './discovery-limits.ts'

/** A peer that registered itself. */
export interface RendezvousPeer {
  readonly peerId: string
  /** Multiaddrs without the peer id; none when only the peer's id is known. */
  readonly addresses: readonly string[]
}

/**
 * The keys under which nodes of a network register themselves, all that the host's hash table has to accept: the common
 * one first, then those of the shards in their order.
 *
 * @param specId - 8 lower-case hex digits
 * @param name - the chain spec's rendezvous name, or the operator's own
 */
export async function rendezvousKeys(specId: string, name: string): Promise<readonly CID[]> {
  const shards = Array.from({ length: rendezvousShards }, (_, shard) => shard)
  return await Promise.all([undefined, ...shards].map((shard) => keyOf(rendezvousText(specId, name, shard))))
}

async function keyOf(text: string): Promise<CID> {
  return CID.createV1(rawCode, await sha256.digest(new TextEncoder().encode(text)))
}

/** The shard of a peer id: the low four bits of its last byte. */
export function shardOf(peerId: PeerId): number {
  return (peerId.toMultihash().bytes.at(-1) ?? 0) % rendezvousShards
}

/** Where a node registers: the common key, unless that is crowded, and the key of its shard. */
export function keysToProvide(keys: readonly CID[], peerId: PeerId, isCrowded: boolean): CID[] {
  const [common] = keys
  const own = keys[1 + shardOf(peerId)]
  return [...(common === undefined || isCrowded ? [] : [common]), ...(own === undefined ? [] : [own])]
}

/**
 * Where a node looks: the common key, its own shard, and another one.
 *
 * @param draw - from 0 to 1: which other one
 */
export function keysToAsk(keys: readonly CID[], peerId: PeerId, draw: number): CID[] {
  const others = keys.filter((_, index) => index > 0 && index !== 1 + shardOf(peerId))
  const other = others[Math.min(others.length - 1, Math.floor(draw * others.length))]
  const own = keys[1 + shardOf(peerId)]
  return [keys[0], own, other].filter((key) => key !== undefined)
}

/**
 * Registers this node under the keys.
 *
 * A hash table that knows no server yet waits until it does, so the signal must come from a timer.
 *
 * @throws {PeerError}
 */
export async function provideRendezvous(
  host: Libp2p,
  keys: readonly CID[],
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const key of keys) await host.contentRouting.provide(key, { signal })
  } catch (error) {
    throw toPeerError(error)
  }
}

/**
 * Stops to register this node under a key; records that others keep end by themselves.
 *
 * @throws {PeerError}
 */
export async function withdrawRendezvous(host: Libp2p, key: CID, signal: AbortSignal): Promise<void> {
  try {
    await host.contentRouting.cancelReprovide(key, { signal })
  } catch (error) {
    throw toPeerError(error)
  }
}

/**
 * Yields the peers that are registered under a key, this node left out, each as it is found.
 *
 * @throws {PeerError} while iterating
 */
export async function* findRendezvous(
  host: Libp2p,
  key: CID,
  signal: AbortSignal,
): AsyncGenerator<RendezvousPeer, void, void> {
  let left: number = discoveryLimits.lookupPeers
  try {
    for await (const { id, multiaddrs } of host.contentRouting.findProviders(key, { signal })) {
      if (id.equals(host.peerId)) continue
      yield { peerId: id.toString(), addresses: multiaddrs.map(withoutPeerId) }
      left -= 1
      if (left === 0) return
    }
  } catch (error) {
    throw toPeerError(error)
  }
}
