/**
 * A connected peer, a known one, or a ban, as JSON: the fields that `chain-node peers` shows, and Bitcoin Core's.
 *
 * Source: Bitcoin Core, `getpeerinfo`, `getnodeaddresses`, `listbanned`
 */
import { type BlockNode, forkPoint } from '@chain/core/chain'
import { formatHash } from '@chain/core/primitives'
import type { Ban, KnownPeer, Peer, PeerSource, TrafficTotals } from '@chain/p2p'
import { printable } from '../printable.ts'
import { formatWork } from './block-json.ts'
import { serviceNames, servicesHex } from './services-json.ts'

/** One entry of `chain-node peers list --json`. Scripts rely on its fields. */
export interface PeerJson {
  readonly peerId: string
  /** Multiaddr at the other end, peer id included. */
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  /** Height of the best block that it has told or shown. */
  readonly height: number
  readonly bestHash: string
  readonly chainwork: string
  readonly agent: string
  /** What it serves, by Bitcoin Core's names: `NETWORK` all blocks, `NETWORK_LIMITED` the last 288, `COMPACT_FILTERS`. */
  readonly servicesnames: readonly string[]
  /** 0 for good behaviour, less after faults. */
  readonly score: number
  /** Milliseconds there and back, when it has been measured. */
  readonly latency?: number
  /** Unix seconds. */
  readonly connectedAt: number
  /** Over the connection that it has now. */
  readonly bytesrecv: number
  readonly bytessent: number
}

/** What is known of a peer beside what it says. */
export interface PeerFacts {
  /** The best block that it has shown to know since it came. */
  readonly best: BlockNode | undefined
  /** Of our active chain. */
  readonly tip: BlockNode
  readonly traffic: TrafficTotals
}

/** A peer with our field names. */
function peerSummary(peer: Peer, { best, traffic }: PeerFacts): PeerJson {
  const { id, address, direction, status, score, latency, connectedAt } = peer
  const told = { height: status.height, hash: status.tip, chainWork: status.work }
  const { height, hash, chainWork } = best !== undefined && best.chainWork > told.chainWork ? best : told
  return {
    peerId: id,
    address,
    direction,
    height,
    bestHash: formatHash(hash),
    chainwork: formatWork(chainWork),
    agent: printable(status.agent),
    servicesnames: serviceNames(status.services),
    score: Math.round(score * 100) / 100,
    ...(latency === undefined ? {} : { latency }),
    connectedAt: unixSeconds(connectedAt),
    bytesrecv: traffic.received,
    bytessent: traffic.sent,
  }
}

/** A peer with our field names and Bitcoin Core's. */
export function peerJson(peer: Peer, facts: PeerFacts): Record<string, unknown> {
  const summary = peerSummary(peer, facts)
  const { status, latency } = peer
  const { best, tip } = facts
  return {
    ...summary,
    id: peer.id,
    addr: peer.address,
    services: servicesHex(status.services),
    conntime: summary.connectedAt,
    last_block: unixSeconds(peer.lastBlockAt),
    last_transaction: unixSeconds(peer.lastTransactionAt),
    timeoffset: status.time - unixSeconds(peer.statusAt),
    ...(latency === undefined ? {} : { pingtime: latency / 1_000 }),
    version: status.protocolVersion,
    subver: summary.agent,
    inbound: peer.direction === 'inbound',
    startingheight: peer.startingHeight,
    synced_headers: best?.height ?? -1,
    synced_blocks: best === undefined ? -1 : forkPoint(best, tip).height,
    connection_type: peer.direction === 'inbound' ? 'inbound' : 'outbound-full-relay',
  }
}

/** One entry of `getnodeaddresses`. */
export interface KnownPeerJson {
  readonly peerId: string
  /** Multiaddrs, peer id included, the one where it was reached first; none when only the hash table knows. */
  readonly addresses: readonly string[]
  /** How it became known. */
  readonly source: PeerSource
  /** Unix seconds when it was last there; 0 when it never was. */
  readonly time: number
  /** Attempts to reach it that failed since. */
  readonly failures: number
}

/** A known peer. */
export function knownPeerJson({
  peerId,
  addresses,
  source,
  lastSuccess,
  failures,
}: KnownPeer): KnownPeerJson {
  const named = addresses.map((address) => `${address}/p2p/${peerId}`)
  return { peerId, addresses: named, source, time: unixSeconds(lastSuccess), failures }
}

/** One entry of `listbanned`, times in Unix seconds. What an earlier version banned does not say since when. */
export interface BanJson {
  /** A peer id or an IP address. */
  readonly address: string
  readonly ban_created?: number
  readonly banned_until: number
  readonly ban_duration?: number
  readonly time_remaining: number
  readonly ban_reason: string
}

/** A ban; `now` in Unix seconds. */
export function banJson({ subject, since, until, reason }: Ban, now: number): BanJson {
  const end = unixSeconds(until)
  const begin = since === undefined ? undefined : unixSeconds(since)
  return {
    address: subject,
    ...(begin === undefined ? {} : { ban_created: begin }),
    banned_until: end,
    ...(begin === undefined ? {} : { ban_duration: end - begin }),
    time_remaining: end - now,
    ban_reason: reason,
  }
}

/** 0 for never, as in Bitcoin Core. */
function unixSeconds(milliseconds = 0): number {
  return Math.floor(milliseconds / 1_000)
}
