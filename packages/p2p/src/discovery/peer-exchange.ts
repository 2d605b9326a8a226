/**
 * Peers tell each other of peers: records that are signed by those whom they are about, so that nobody can be said to be
 * where he is not.
 *
 * Not for when to ask (`plan.ts`).
 *
 * Source: docs/protocol/peers.md#peer-exchange
 */
import type { ChainError } from '@chain/core/errors'
import { fieldLimits, type GetPeers, type Peers, protocolId } from '@chain/wire'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { toPeerError } from '../errors.ts'
import { type AddressScope, scopeOf, usableFrom } from '../peers/address-scope.ts'
import { withoutPeerId } from '../peers/addresses.ts'
import type { Peer } from '../peers/peer.ts'
import type { PeerSet } from '../peers/peer-set.ts'
import type { SmallTalk } from '../peers/small-talk.ts'
import { handlePeers, requestPeers } from '../protocols/peers.ts'
import { discoveryLimits } from './discovery-limits.ts'
import { RecentMap } from './recent-map.ts'
import { RecordSample, type RecordSampleModules } from './record-sample.ts'
import { openSignedPeerRecord, readKeptRecord } from './signed-peer-record.ts'

/** What peer exchange works with. */
export interface PeerExchangeModules extends RecordSampleModules {
  /** Id of the chain spec, 8 hex digits. */
  readonly specId: string
  readonly peers: PeerSet
  readonly talk: SmallTalk
}

/** Asks and answers. */
export class PeerExchange {
  readonly #modules: PeerExchangeModules
  readonly #sample: RecordSample
  readonly #asked = new RecentMap<number>()
  readonly #answered = new RecentMap<number>()
  /** The number of the last record of each peer. */
  readonly #seqs = new RecentMap<bigint>()

  constructor(modules: PeerExchangeModules) {
    this.#modules = modules
    this.#sample = new RecordSample(modules)
  }

  /** Answers `peers/1` from now on. */
  async start(): Promise<void> {
    const { host, specId, peers, talk } = this.#modules
    await handlePeers(host, specId, (request, peer) => this.#answer(request, peer), {
      onFault: (peer: PeerId, error: ChainError) => peers.blame(peer.toString(), error),
      pace: talk.pace,
    })
  }

  /** Answers no more. */
  async stop(): Promise<void> {
    const { host, specId } = this.#modules
    await host.unhandle(protocolId(specId, 'peers/1'))
  }

  /**
   * Asks one of the peers that were not asked for a while; says whether it named somebody new. A peer that answers wrongly is
   * blamed for it.
   *
   * @throws {PeerError} when the exchange fails
   */
  async ask(signal: AbortSignal): Promise<boolean> {
    const peer = this.#choosePeer()
    if (peer === undefined) return false
    this.#asked.set(peer.id, this.#modules.steady())
    try {
      return await this.#askPeer(peer, signal)
    } catch (thrown) {
      const error = toPeerError(thrown)
      this.#modules.peers.blame(peer.id, error)
      throw error
    }
  }

  /** Peers that this node chose come first: nobody can bring them to it. */
  #choosePeer(): Peer | undefined {
    const { peers, steady, random } = this.#modules
    const since = steady() - discoveryLimits.askInterval
    const due = peers.list().filter(({ id }) => (this.#asked.get(id) ?? since) <= since)
    const chosen = due.filter(({ direction }) => direction === 'outbound')
    const among = chosen.length > 0 ? chosen : due
    return among[Math.min(among.length - 1, Math.floor(random() * among.length))]
  }

  async #askPeer(peer: Peer, signal: AbortSignal): Promise<boolean> {
    const { specId } = this.#modules
    const request = { maxRecords: fieldLimits.peerRecords }
    const { records } = await requestPeers(peer.connection, specId, request, { signal })
    const scope = scopeOf(peer.connection.remoteAddr) ?? 'public'
    let isNews = false
    for (const envelope of records) {
      if (await this.#take(envelope, peer.id, { scope, signal })) isNews = true
    }
    return isNews
  }

  /** Takes a record when it is newer than what is known of the peer; says whether that was news. */
  async #take(
    envelope: Uint8Array,
    teller: string,
    { scope, signal }: { readonly scope: AddressScope; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { host, candidates } = this.#modules
    const { peerId, seq, multiaddrs } = await openSignedPeerRecord(envelope, signal)
    if (peerId === host.peerId.toString() || seq <= (await this.#knownSeq(peerId))) return false
    this.#seqs.set(peerId, seq)
    const addresses = usableFrom(multiaddrs, scope).map(withoutPeerId)
    if (addresses.length === 0) return false
    return candidates.heard(peerId, addresses, 'exchange', { teller, isNewest: true })
  }

  /** What the peer told us itself counts as well. */
  async #knownSeq(peerId: string): Promise<bigint> {
    const { peerStore } = this.#modules.host
    const id = peerIdFromString(peerId)
    const stored = (await peerStore.has(id)) ? await peerStore.get(id) : undefined
    const own = readKeptRecord(stored?.peerRecordEnvelope)?.seq ?? -1n
    const heard = this.#seqs.get(peerId) ?? -1n
    return own > heard ? own : heard
  }

  async #answer({ maxRecords }: GetPeers, peer: PeerId): Promise<Peers> {
    const { host, steady } = this.#modules
    const id = peer.toString()
    const last = this.#answered.get(id)
    const [connection] = host.getConnections(peer)
    const isEarly = last !== undefined && steady() - last < discoveryLimits.answerInterval
    if (isEarly || connection === undefined) return { records: [] }
    this.#answered.set(id, steady())
    const sample = await this.#sample.records(scopeOf(connection.remoteAddr) ?? 'public')
    const records = sample.filter(({ peerId }) => peerId !== id).map(({ envelope }) => envelope)
    return { records: records.slice(0, maxRecords) }
  }
}
