/**
 * The feeler: a short connection that tells whether an address which was never reached leads to a node of the network, so
 * that the table of known peers holds some that work when they are needed.
 *
 * Not for whose address (`plan.ts`).
 *
 * Source: docs/protocol/peers.md#discovery; Bitcoin Core, feeler connections
 */
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { toPeerError } from '../errors.ts'
import type { HostServices } from '../host/host.ts'
import { withoutPeerId } from '../peers/addresses.ts'
import type { Candidate, Candidates } from '../peers/candidates.ts'
import { dial } from '../peers/dialler.ts'
import { farewells } from '../peers/farewell.ts'
import type { PeerSet } from '../peers/peer-set.ts'

/** What a feeler works with. */
export interface FeelerModules {
  readonly host: Libp2p<HostServices>
  readonly peers: PeerSet
  readonly candidates: Candidates
}

/**
 * Tries the address of a candidate: who answers a ping with the network's prefix is a node of this network.
 *
 * @throws {ConnectError} when nobody answers there
 * @throws {PeerError} when it is another kind of node
 */
export async function feel(
  { key, addresses, source }: Candidate,
  { host, peers, candidates }: FeelerModules,
  signal: AbortSignal,
): Promise<void> {
  const peerId = peerIdFromString(key)
  const wasOpen = host.getConnections(peerId).length > 0
  const connection = await dial(host, addresses.length > 0 ? addresses : key, signal)
  try {
    await host.services.ping.ping(peerId, { signal })
    // One that had come by itself was reached now.
    candidates.succeeded(
      key,
      [withoutPeerId(connection.remoteAddr)],
      source === 'inbound' ? 'exchange' : source,
    )
  } catch (error) {
    throw toPeerError(error)
  } finally {
    if (!wasOpen && !peers.acquaintances().includes(key)) peers.disconnect(key, farewells.feeler)
  }
}
