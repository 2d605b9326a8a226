/**
 * Which peers are asked to send compact blocks without being asked for each: those that lately gave us a block first, the
 * last of them an outbound one if any was, so that inbound peers alone cannot take all places.
 *
 * Source: BIP152, "High-bandwidth relaying"; Bitcoin Core, `MaybeSetPeerAsAnnouncingHeaderAndIDs`
 */
import type { Direction } from '../peers/peer.ts'
import { relayLimits } from './relay-limits.ts'

/** The peers that send compact blocks unasked. Bound: `relayLimits.highBandwidthPeers`. */
export class HighBandwidthPeers {
  /** The one that gave us a block last stands last. */
  readonly #peers: { readonly id: string; readonly direction: Direction }[] = []

  /** Whether a peer is one of them. */
  has(id: string): boolean {
    return this.#peers.some((peer) => peer.id === id)
  }

  /** A peer gave us a block first; returns who has to make room for it. */
  promote(id: string, direction: Direction): string | undefined {
    this.remove(id)
    let leaving: string | undefined
    if (this.#peers.length >= relayLimits.highBandwidthPeers) {
      const [gone] = this.#peers.splice(this.#leastUseful(direction), 1)
      leaving = gone?.id
    }
    this.#peers.push({ id, direction })
    return leaving
  }

  /** A peer is gone. */
  remove(id: string): void {
    const index = this.#peers.findIndex((peer) => peer.id === id)
    if (index >= 0) this.#peers.splice(index, 1)
  }

  /** The oldest, unless it is the last outbound peer and an inbound one comes. */
  #leastUseful(coming: Direction): number {
    const outbound = this.#peers.filter(({ direction }) => direction === 'outbound').length
    const isLastOutbound = outbound === 1 && this.#peers[0]?.direction === 'outbound'
    return coming === 'inbound' && isLastOutbound ? 1 : 0
  }
}
