/**
 * Peers that this node knows only because others have named them in the hash table.
 *
 * libp2p writes everybody who is named in any answer into its peer store, where they stay for a month. Here the last ones
 * stay, and whoever connects stays as everybody else does.
 */
import type { PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import { dhtLimits } from './dht-limits.ts'

/** What it works with. */
export interface HearsayModules {
  readonly peerStore: PeerStore
  readonly self: PeerId
  /** Whether there is a connection with a peer. */
  readonly isConnected: (peer: PeerId) => boolean
}

/** Bound: `dhtLimits.hearsayPeers`. */
export class Hearsay {
  readonly #modules: HearsayModules
  /** By the text of the peer id, the one that was named longest ago first. */
  readonly #peers = new Map<string, PeerId>()

  constructor(modules: HearsayModules) {
    this.#modules = modules
  }

  /** Finds those whom an earlier run has left: they never told which protocols they speak. */
  async start(): Promise<void> {
    for (const { id, protocols } of await this.#modules.peerStore.all()) {
      if (protocols.length === 0 && !id.equals(this.#modules.self)) await this.#keep(id)
    }
  }

  /** Remembers where a peer is said to be. */
  async add({ id, multiaddrs }: PeerInfo): Promise<void> {
    const { peerStore, self } = this.#modules
    if (id.equals(self) || multiaddrs.length === 0) return
    const isNew = !(await peerStore.has(id))
    await peerStore.merge(id, { multiaddrs })
    if (isNew || this.#peers.has(id.toString())) await this.#keep(id)
  }

  async #keep(id: PeerId): Promise<void> {
    this.#peers.delete(id.toString())
    this.#peers.set(id.toString(), id)
    const [oldest] = this.#peers.values()
    if (oldest !== undefined && this.#peers.size > dhtLimits.hearsayPeers) await this.#forget(oldest)
  }

  async #forget(id: PeerId): Promise<void> {
    const { peerStore, isConnected } = this.#modules
    this.#peers.delete(id.toString())
    if (isConnected(id) || !(await peerStore.has(id))) return
    const { protocols } = await peerStore.get(id)
    if (protocols.length === 0) await peerStore.delete(id)
  }
}
