/**
 * Who named the peers that this node has never reached, so that nobody who tells of many fills the table of known peers.
 *
 * Bound: `peerLimits.heardPerTeller` peers of each teller, and `maxTellers` tellers, the one heard longest ago forgotten
 * first.
 */
import { peerLimits } from './peer-limits.ts'

const maxTellers = 1_000

/** Peers that were named, by who named them first. */
export class Tellers {
  readonly #told = new Map<string, Set<string>>()

  /**
   * A teller named a peer that nobody had named before. Returns the peers that are to be forgotten for it.
   *
   * @param teller - a peer id, or the name of a way of discovery
   * @param isUnreached - whether a peer is still known, and was never reached
   */
  add(teller: string, peerId: string, isUnreached: (peerId: string) => boolean): string[] {
    const told = [...(this.#told.get(teller) ?? []), peerId].filter(isUnreached)
    const kept = new Set(told.slice(-peerLimits.heardPerTeller))
    this.#told.delete(teller)
    if (kept.size > 0) this.#told.set(teller, kept)
    const [oldest] = this.#told.keys()
    if (this.#told.size > maxTellers && oldest !== undefined) this.#told.delete(oldest)
    return told.filter((each) => !kept.has(each))
  }
}
