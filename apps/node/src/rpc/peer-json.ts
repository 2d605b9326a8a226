/**
 * A connected peer as JSON: the fields that `chain-node peers` shows, and Bitcoin Core's.
 *
 * Source: Bitcoin Core, `getpeerinfo`
 */
import { formatHash } from '@chain/core/primitives'
import type { Peer } from '@chain/p2p'
import { formatWork } from './block-json.ts'

/** One entry of `chain-node peers list --json`. Scripts rely on its fields. */
export interface PeerJson {
  readonly peerId: string
  /** Multiaddr at the other end, peer id included. */
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  /** Height of the chain that it told last. */
  readonly height: number
  readonly bestHash: string
  readonly chainwork: string
  readonly agent: string
  /** 0 for good behaviour, less after faults. */
  readonly score: number
  /** Milliseconds there and back, when it has been measured. */
  readonly latency?: number
  /** Unix seconds. */
  readonly connectedAt: number
}

/** A peer with our field names. */
export function peerSummary(peer: Peer): PeerJson {
  const { id, address, direction, status, score, latency, connectedAt } = peer
  return {
    peerId: id,
    address,
    direction,
    height: status.height,
    bestHash: formatHash(status.tip),
    chainwork: formatWork(status.work),
    agent: status.agent,
    score: Math.round(score * 100) / 100,
    ...(latency === undefined ? {} : { latency }),
    connectedAt: Math.floor(connectedAt / 1_000),
  }
}

/** A peer with our field names and Bitcoin Core's. */
export function peerJson(peer: Peer): Record<string, unknown> {
  const summary = peerSummary(peer)
  const { status, latency } = peer
  return {
    ...summary,
    id: peer.id,
    addr: peer.address,
    services: status.services.toString(16).padStart(16, '0'),
    conntime: summary.connectedAt,
    last_block: unixSeconds(peer.lastBlockAt),
    last_transaction: unixSeconds(peer.lastTransactionAt),
    timeoffset: status.time - Math.floor(peer.statusAt / 1_000),
    ...(latency === undefined ? {} : { pingtime: latency / 1_000 }),
    version: status.protocolVersion,
    subver: status.agent,
    inbound: peer.direction === 'inbound',
    startingheight: status.height,
    connection_type: peer.direction === 'inbound' ? 'inbound' : 'outbound-full-relay',
  }
}

/** 0 for never, as in Bitcoin Core. */
function unixSeconds(milliseconds = 0): number {
  return Math.floor(milliseconds / 1_000)
}
