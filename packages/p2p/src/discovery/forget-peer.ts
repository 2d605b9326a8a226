/**
 * Removes a peer from the host's stores in the order that keeps the hash table answering.
 *
 * A server of the hash table fails the whole answer for a key when the peer store lacks one of the key's providers, so
 * the provider records of a peer go before the peer.
 */
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Datastore, Key } from 'interface-datastore'
import { providerPrefix } from '../dht/hash-table-store.ts'

/** Deletes provider records of a peer, then the peer. */
export async function forgetPeer(host: Libp2p, datastore: Datastore, peerId: string): Promise<void> {
  const records: Key[] = []
  for await (const key of datastore.queryKeys({ prefix: providerPrefix })) {
    if (key.name() === peerId) records.push(key)
  }
  for (const key of records) await datastore.delete(key)
  await host.peerStore.delete(peerIdFromString(peerId))
}
