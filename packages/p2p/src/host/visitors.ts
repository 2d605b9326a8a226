/**
 * Peers that were connected once, as the host's peer store remembers them: a bounded number, since whoever comes under one new
 * peer id after the other would fill it for a month.
 *
 * Those stay whom somebody has marked, and those whose records the hash table tells. Not for whom to dial (`peers/known-peers.ts`),
 * nor for peers that were only heard of (`dht/hearsay.ts`).
 *
 * Source: docs/protocol/peers.md#host
 */
import type {
  ComponentLogger,
  Libp2pEvents,
  PeerId,
  PeerStore,
  Startable,
  TypedEventTarget,
} from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Datastore } from 'interface-datastore'
import { providerPrefix } from '../dht/hash-table-store.ts'
import { peerLimits } from '../peers/peer-limits.ts'

/** How many are looked at when there are too many. */
const batch = 64

/** What it works with: components of the host. */
export interface VisitorsComponents {
  readonly peerId: PeerId
  readonly peerStore: PeerStore
  readonly datastore: Datastore
  readonly connectionManager: { getConnections(peer: PeerId): readonly unknown[] }
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
}

/** A service of the host. Bound: `peerLimits.visitors`, a batch, and those that stay. */
export class Visitors implements Startable {
  readonly #components: VisitorsComponents
  /** Peer ids, the one that left longest ago first; as text, since the bytes of one may hold on to what they were read from. */
  readonly #peers = new Set<string>()
  #pruning: Promise<void> | undefined

  constructor(components: VisitorsComponents) {
    this.#components = components
  }

  /** Finds those whom an earlier run has left, then follows the host. */
  async start(): Promise<void> {
    const { peerStore, peerId: self, events } = this.#components
    for (const { id, protocols } of await peerStore.all()) {
      if (protocols.length > 0 && !id.equals(self)) this.#keep(id.toString())
    }
    events.addEventListener('peer:disconnect', this.#onDisconnect)
  }

  /** Follows the host no more; resolves when nothing is being forgotten any more. */
  async stop(): Promise<void> {
    this.#components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
    await this.#pruning
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<PeerId>): void => this.#keep(detail.toString())

  #keep(id: string): void {
    this.#peers.delete(id)
    this.#peers.add(id)
    if (this.#peers.size <= peerLimits.visitors + batch || this.#pruning !== undefined) return
    this.#pruning = this.#prune()
      .catch((error: unknown) => {
        const log = this.#components.logger.forComponent('chain:visitors')
        log.error('peers that have left were not forgotten - %e', error)
      })
      .finally(() => {
        this.#pruning = undefined
      })
  }

  async #prune(): Promise<void> {
    const oldest = [...this.#peers].slice(0, this.#peers.size - peerLimits.visitors)
    const providers = await this.#providers()
    for (const id of oldest) {
      this.#peers.delete(id)
      if (!(await this.#forget(peerIdFromString(id), providers))) this.#peers.add(id)
    }
  }

  /** Peers with a record of the hash table: an answer leaves out those whom the peer store lacks. */
  async #providers(): Promise<ReadonlySet<string>> {
    const providers = new Set<string>()
    const rows = this.#components.datastore.queryKeys({ prefix: providerPrefix })
    for await (const row of rows) providers.add(row.name())
    return providers
  }

  /** Whether the peer need not be looked at again. */
  async #forget(id: PeerId, providers: ReadonlySet<string>): Promise<boolean> {
    const { peerStore, connectionManager } = this.#components
    if (!(await peerStore.has(id))) return true
    const { tags } = await peerStore.get(id)
    if (tags.size > 0 || providers.has(id.toString())) return false
    // Whoever is connected is looked at again when it leaves.
    if (connectionManager.getConnections(id).length === 0) await peerStore.delete(id)
    return true
  }
}
