/**
 * The table of known peers: whom this node has met or heard of, so that the next start needs no discovery.
 *
 * Kept in memory and written through. Values are JSON, since the table is small and people look into it. Not for
 * deciding whom to dial: scores and back-off are p2p's part.
 */
import { InvariantError } from '@chain/core/errors'
import type { Environment, RowWrite } from './environment.ts'
import { decodeKnownPeer, encodeKnownPeer, type KnownPeer, limitKnownPeer } from './known-peer.ts'

/** Most peers that are kept. */
export const MAX_KNOWN_PEERS = 2000

/** How many peers are kept, and who hears of rows that cannot be read. */
export interface KnownPeersOptions {
  /** Most peers to keep; {@link MAX_KNOWN_PEERS} unless given. */
  readonly limit?: number
  /** Told, in one sentence, of each damaged row that was dropped. */
  readonly report?: (sentence: string) => void
}

/** The known peers of a data directory. */
export class KnownPeers {
  readonly #environment: Environment
  readonly #limit: number
  readonly #peers: Map<string, KnownPeer>

  private constructor(environment: Environment, limit: number, peers: Map<string, KnownPeer>) {
    this.#environment = environment
    this.#limit = limit
    this.#peers = peers
  }

  /** Reads the table; damaged rows are reported and removed. @throws {OperationalError} `store-*` */
  static async open(environment: Environment, options: KnownPeersOptions = {}): Promise<KnownPeers> {
    const peers = new Map<string, KnownPeer>()
    const damaged: RowWrite[] = []
    for (const { key, value } of environment.rows('peers')) {
      const peer = decodeKnownPeer(key, value)
      if (peer === undefined) damaged.push({ table: 'peers', key, value: undefined })
      else peers.set(peer.peerId, peer)
    }
    if (damaged.length > 0) {
      options.report?.(`Dropped ${damaged.length} damaged rows of the table of known peers.`)
      await environment.write(damaged)
    }
    return new KnownPeers(environment, options.limit ?? MAX_KNOWN_PEERS, peers)
  }

  /** Every known peer, in no particular order. */
  list(): KnownPeer[] {
    return [...this.#peers.values()]
  }

  /** The row of a peer, or `undefined` when nothing is known of it. */
  get(peerId: string): KnownPeer | undefined {
    return this.#peers.get(peerId)
  }

  /**
   * Adds or replaces a peer; resolves when it is on the disk. Over the limit, the least useful other peer goes: first
   * those never reached, the oldest first, then the one reached the longest ago. Anchors and banned peers go last.
   * Addresses beyond the limits of a row are left out. Does nothing once the store is closed.
   *
   * @throws {InvariantError} when the peer is not one that could be read again
   */
  async put(given: KnownPeer): Promise<void> {
    if (this.#environment.isClosed) return
    const peer = limitKnownPeer(given)
    const row = peerRow(peer.peerId, encodeKnownPeer(peer))
    if (decodeKnownPeer(row.key, row.value as Uint8Array) === undefined)
      throw new InvariantError(`The known peer ${peer.peerId} has a malformed row.`)
    this.#peers.set(peer.peerId, peer)
    const surplus = this.#surplus(peer.peerId)
    for (const { peerId } of surplus) this.#peers.delete(peerId)
    await this.#environment.write([row, ...surplus.map(({ peerId }) => peerRow(peerId, undefined))])
  }

  /** Forgets a peer; resolves when that is on the disk. */
  async remove(peerId: string): Promise<void> {
    if (this.#environment.isClosed || !this.#peers.delete(peerId)) return
    await this.#environment.write([peerRow(peerId, undefined)])
  }

  #surplus(added: string): KnownPeer[] {
    const count = this.#peers.size - this.#limit
    if (count <= 0) return []
    const others = this.list().filter(({ peerId }) => peerId !== added)
    return others.sort(compareUsefulness).slice(0, count)
  }
}

/** The least useful first. */
function compareUsefulness(a: KnownPeer, b: KnownPeer): number {
  if (isKept(a) !== isKept(b)) return isKept(a) ? 1 : -1
  const [successA, successB] = [a.lastSuccess ?? 0, b.lastSuccess ?? 0]
  return successA === successB ? a.firstSeen - b.firstSeen : successA - successB
}

function isKept(peer: KnownPeer): boolean {
  return peer.anchor === true || peer.bannedUntil !== undefined
}

function peerRow(peerId: string, value: Uint8Array | undefined): RowWrite {
  return { table: 'peers', key: Buffer.from(peerId), value }
}
