/**
 * Known peers by the public networks of their addresses, so that no network fills the table of known peers.
 *
 * Bound: the known peers and their addresses.
 */
import { publicNetworks } from './address-scope.ts'

/** Peer ids by network. */
export class NetworkIndex {
  readonly #networks = new Map<string, readonly string[]>()
  readonly #members = new Map<string, Set<string>>()

  /** A peer is at these multiaddrs from now on. */
  set(peerId: string, addresses: readonly string[]): void {
    this.delete(peerId)
    const networks = publicNetworks(addresses)
    if (networks.length > 0) this.#networks.set(peerId, networks)
    for (const network of networks) {
      const members = this.#members.get(network) ?? new Set()
      this.#members.set(network, members.add(peerId))
    }
  }

  /** A peer is known no more. */
  delete(peerId: string): void {
    for (const network of this.networksOf(peerId)) {
      const members = this.#members.get(network)
      members?.delete(peerId)
      if (members?.size === 0) this.#members.delete(network)
    }
    this.#networks.delete(peerId)
  }

  /** The public networks that a peer's addresses lead to. */
  networksOf(peerId: string): readonly string[] {
    return this.#networks.get(peerId) ?? []
  }

  /** The peers with an address in a network, those that came to it first at the front. */
  members(network: string): ReadonlySet<string> {
    return this.#members.get(network) ?? new Set()
  }
}
