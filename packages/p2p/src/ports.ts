/**
 * What the network layer needs from the rest of a node, as functions that the application hands in. p2p itself knows no
 * storage: core's `ChainManager` and `Mempool` satisfy these shapes as they are.
 */
import type { BlockRef, ChainManager, Mempool } from '@chain/core'

/** The chain: what sync asks and feeds. */
export type ChainPort = Pick<
  ChainManager,
  | 'spec'
  | 'tip'
  | 'bestHeader'
  | 'find'
  | 'at'
  | 'isActive'
  | 'readBody'
  | 'locator'
  | 'headersAfter'
  | 'missingBodies'
  | 'acceptHeaders'
  | 'acceptBlock'
  | 'subscribe'
>

/** Waiting transactions: what relay asks and feeds. */
export type MempoolPort = Pick<
  Mempool,
  | 'limits'
  | 'count'
  | 'minimumFeeRate'
  | 'has'
  | 'get'
  | 'entries'
  | 'accept'
  | 'addUnbroadcast'
  | 'removeUnbroadcast'
  | 'isUnbroadcast'
  | 'unbroadcastCount'
  | 'subscribe'
>

/** The filter of a block of the active chain. */
export interface BlockFilter {
  /** The BIP158 basic filter, 1 byte at least. */
  readonly filter: Uint8Array
  /** The BIP157 filter header, 32 bytes in hash order. */
  readonly header: Uint8Array
}

/** The filters of the active chain: what light clients are served from; storage's `FilterIndex` satisfies it as it is. */
export interface FilterPort {
  /**
   * The filter of a block; `undefined` when the block is not part of the active chain or was not dealt with yet.
   *
   * @throws {OperationalError} when the storage failed
   */
  find(block: BlockRef): BlockFilter | undefined
}

/** How a peer became known. */
export type PeerSource = 'connect' | 'bootnode' | 'dht' | 'mdns' | 'exchange' | 'inbound'

/** What is remembered of a peer over restarts. Times are Unix milliseconds. */
export interface KnownPeer {
  readonly peerId: string
  /** Multiaddrs without the peer id. */
  readonly addresses: readonly string[]
  readonly source: PeerSource
  readonly score: number
  readonly firstSeen: number
  readonly lastAttempt?: number
  readonly lastSuccess?: number
  /** Attempts that failed since the last success. */
  readonly failures: number
  readonly bannedUntil?: number
  /** Absent from bans that an earlier version made. */
  readonly bannedSince?: number
  readonly banReason?: string
  /** Whether it was an outbound peer at the last stop, to be dialled first. */
  readonly anchor?: boolean
}

/** The table of known peers. */
export interface KnownPeersPort {
  list(): KnownPeer[]
  get(peerId: string): KnownPeer | undefined
  put(peer: KnownPeer): Promise<void>
  remove(peerId: string): Promise<void>
}

/** Structured log lines; a `pino` logger satisfies it. */
export interface LogPort {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
}
