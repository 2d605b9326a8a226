/**
 * Which of the inbound peers of this moment gives way to a newcomer.
 *
 * Not for the rule itself (`eviction.ts`).
 */
import { sha256 } from '@chain/core/crypto'
import { ipOf, networkOf } from './addresses.ts'
import { type EvictionCandidate, selectEviction } from './eviction.ts'
import type { Peer } from './peer.ts'

/** The peer that gives way, or `undefined` when all are protected. */
export function selectGuest(peers: readonly Peer[], rankOf: (network: string) => number): string | undefined {
  return selectEviction(peers.filter(({ direction }) => direction === 'inbound').map(toCandidate), rankOf)
}

/** A secret order of networks, drawn anew with each call. */
export function secretRank(): (network: string) => number {
  const key = crypto.getRandomValues(new Uint8Array(16))
  return (network) => {
    const digest = sha256(new Uint8Array([...key, ...new TextEncoder().encode(network)]))
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
  }
}

function toCandidate(peer: Peer): EvictionCandidate {
  const ip = ipOf(peer.connection.remoteAddr)
  return {
    id: peer.id,
    network: ip === undefined ? 'unknown' : networkOf(ip),
    latency: peer.latency,
    lastBlock: peer.lastBlockAt,
    lastTransaction: peer.lastTransactionAt,
    connectedAt: peer.connectedAt,
  }
}
