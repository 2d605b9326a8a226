/**
 * Remembers peers as they come and go: where they can be reached, which are to be dialled first after a restart, and, for
 * the host, that their connections are the ones to keep.
 *
 * Not for deciding anything about peers. Start it before the peer set and stop it before the peer set, so that the peers
 * of that moment are remembered as present.
 */
import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import type { LogPort } from '../ports.ts'
import { scopeOf, usableFrom } from './address-scope.ts'
import { withoutPeerId } from './addresses.ts'
import type { Candidates } from './candidates.ts'
import type { Peer, PeerEvent } from './peer.ts'
import type { PeerSet } from './peer-set.ts'

/** What a recorder works with. */
export interface PeerRecorderModules {
  readonly host: Libp2p
  readonly peers: PeerSet
  readonly candidates: Candidates
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
  readonly log: LogPort
}

/** The mark of a peer in the host's peer store; the host closes connections without marks first. */
const tag = 'chain-peer'
const tagValue = 90

/** Peers that are dialled first after a restart. */
const anchorCount = 2

/** Writes down what happens to peers. */
export class PeerRecorder {
  readonly #modules: PeerRecorderModules
  readonly #tasks = new Set<Promise<void>>()
  #unsubscribe: (() => void) | undefined

  constructor(modules: PeerRecorderModules) {
    this.#modules = modules
  }

  /** Follows the peer set and the host from now on. */
  start(): void {
    this.#unsubscribe = this.#modules.peers.subscribe(this.#onPeer)
    this.#modules.host.addEventListener('peer:identify', this.#onIdentify)
  }

  /** Follows them no more; resolves when all is written. */
  async stop(): Promise<void> {
    this.#unsubscribe?.()
    this.#modules.host.removeEventListener('peer:identify', this.#onIdentify)
    for (const { id } of this.#modules.peers.list()) this.#modules.candidates.seen(id)
    await Promise.all(this.#tasks)
  }

  readonly #onPeer = ({ type, peer }: PeerEvent): void => {
    if (type === 'status') return
    if (type === 'peer-ready') this.#run(this.#record(peer))
    else this.#modules.candidates.left(peer.id, this.#modules.now() - peer.connectedAt)
    this.#run(this.#mark(peer.connection.remotePeer, type === 'peer-ready'))
    this.#chooseAnchors()
  }

  /** What a peer says of its addresses may come after its status. */
  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const peer = this.#modules.peers.get(detail.peerId.toString())
    if (peer !== undefined) this.#run(this.#record(peer))
  }

  /** Where the peer was reached, then what it says of itself. */
  async #record(peer: Peer): Promise<void> {
    const { host, peers, candidates } = this.#modules
    const { remoteAddr, remotePeer, direction } = peer.connection
    const { addresses } = await host.peerStore.get(remotePeer)
    if (peers.get(peer.id) !== peer) return
    const said = addresses.map(({ multiaddr }) => multiaddr)
    const reached = direction === 'outbound' ? [withoutPeerId(remoteAddr)] : []
    const usable = usableFrom(said, scopeOf(remoteAddr) ?? 'public')
    const all = [...reached, ...usable.map(withoutPeerId)]
    candidates.succeeded(peer.id, all, direction === 'outbound' ? 'dht' : 'inbound')
  }

  async #mark(peerId: PeerId, isPeer: boolean): Promise<void> {
    const tags = { [tag]: isPeer ? { value: tagValue } : undefined }
    await this.#modules.host.peerStore.merge(peerId, { tags })
  }

  /** The outbound peers that have stayed longest; those of before when there are none now. */
  #chooseAnchors(): void {
    const outbound = this.#modules.peers.list().filter(({ direction }) => direction === 'outbound')
    const oldest = outbound.sort((a, b) => a.connectedAt - b.connectedAt).slice(0, anchorCount)
    if (oldest.length > 0) this.#modules.candidates.setAnchors(oldest.map(({ id }) => id))
  }

  /** The peer store may be closed, or have forgotten the peer, while we ask. */
  #run(task: Promise<void>): void {
    const logged = task.catch((error: unknown) => {
      this.#modules.log.debug({ error }, 'A peer could not be recorded')
    })
    this.#tasks.add(logged)
    void logged.then(() => this.#tasks.delete(logged))
  }
}
