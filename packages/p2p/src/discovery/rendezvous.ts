/**
 * Rendezvous through the distributed hash table: nodes of a network register themselves under a key made from a text, and
 * find each other by asking for that key.
 *
 * Not for when to do so (`plan.ts`). The key is the SHA-256 of the text as a raw CID: servers drop records under other
 * hashes. One key for now; more of them later share the load of a large network.
 *
 * Source: docs/protocol/peers.md#rendezvous
 */
import { rendezvousText } from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { code as rawCode } from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { toPeerError } from '../errors.ts'
import { withoutPeerId } from '../peers/addresses.ts'

/** A peer that registered itself. */
export interface RendezvousPeer {
  readonly peerId: string
  /** Multiaddrs without the peer id; none when only the peer's id is known. */
  readonly addresses: readonly string[]
}

/** Peers that one lookup takes, however many a server names. */
export const lookupPeers = 64

/**
 * The keys under which nodes of a network register themselves: all that the host's hash table has to accept.
 *
 * @param specId - 8 lower-case hex digits
 * @param name - the chain spec's rendezvous name, or the operator's own
 */
export async function rendezvousKeys(specId: string, name: string): Promise<readonly CID[]> {
  const digest = await sha256.digest(new TextEncoder().encode(rendezvousText(specId, name)))
  return [CID.createV1(rawCode, digest)]
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
 * Yields the peers that are registered under the keys, this node left out, each as it is found.
 *
 * @throws {PeerError} while iterating
 */
export async function* findRendezvous(
  host: Libp2p,
  keys: readonly CID[],
  signal: AbortSignal,
): AsyncGenerator<RendezvousPeer, void, void> {
  let left = lookupPeers
  try {
    for (const key of keys) {
      for await (const { id, multiaddrs } of host.contentRouting.findProviders(key, { signal })) {
        if (id.equals(host.peerId)) continue
        yield { peerId: id.toString(), addresses: multiaddrs.map(withoutPeerId) }
        left -= 1
        if (left === 0) return
      }
    }
  } catch (error) {
    throw toPeerError(error)
  }
}
