/**
 * The network of a node: composes host, peers, discovery, sync and relay over the ports that the application hands in.
 *
 * Source: docs/architecture.md
 */
import { randomBytes } from 'node:crypto'
import type { BlockNode } from '@chain/core/chain'
import { serviceFlags } from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import { answerPeers } from './answers/answers.ts'
import { type Clock, systemClock } from './clock.ts'
import { HashTable } from './dht/index.ts'
import { Discovery, type DiscoveryMode, rendezvousKeys } from './discovery/index.ts'
import { PeerError, toPeerError } from './errors.ts'
import { createHost, followPolicy, type HostServices } from './host/host.ts'
import type { Identity } from './host/identity.ts'
import { Traffic, type TrafficTotals } from './host/traffic.ts'
import { measureHost, type NetworkFigures } from './network-figures.ts'
import {
  AddressScores,
  BanList,
  Candidates,
  createOwnStatus,
  defaultCapacity,
  isIpRow,
  KnownPeers,
  maxConnections,
  type Peer,
  type PeerCapacity,
  type PeerEvent,
  PeerGater,
  PeerRecorder,
  PeerSet,
  ScoreBook,
  SmallTalk,
} from './peers/index.ts'
import type { ChainPort, FilterPort, KnownPeer, KnownPeersPort, LogPort, MempoolPort } from './ports.ts'
import { handleRelay, openRelay, type RelayChannel } from './protocols/relay.ts'
import { systemRandom } from './random.ts'
import { Relay } from './relay/relay.ts'
import type { SyncPhase } from './sync/sync-events.ts'
import { connectedSyncPeer } from './sync/sync-peer.ts'
import { Syncer } from './sync/syncer.ts'

/** How a node takes part. */
export interface NetworkOptions {
  /** Name and version of the program, such as `chain-node/0.1.0`. */
  readonly agent: string
  readonly identity: Identity
  /** Multiaddrs to listen on; none listens nowhere. */
  readonly listen: readonly string[]
  /** Multiaddrs to announce instead of those listened on. */
  readonly announce?: readonly string[]
  /** Multiaddrs to which a connection is always held. */
  readonly connect?: readonly string[]
  /** Multiaddrs to ask when nobody else is known; the chain spec's are the application's to add. */
  readonly bootnodes?: readonly string[]
  /** Name under which to meet; the chain spec's when absent. */
  readonly rendezvous?: string
  /** Where to look for peers; everywhere when absent. */
  readonly mode?: DiscoveryMode
  readonly capacity?: PeerCapacity
  /** Announce loopback addresses and accept many connections from one address: for nodes on one machine. */
  readonly allowLoopback: boolean
}

/** What a network works with. */
export interface NetworkModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  /** Filters for light clients; they are told that this node serves them only where it keeps them. */
  readonly filters?: FilterPort | undefined
  readonly knownPeers: KnownPeersPort
  /** Where libp2p keeps peers and records. */
  readonly datastore: Datastore
  readonly log: LogPort
  /** The system's when absent. */
  readonly clock?: Clock
}

/** Makes the network of a node; it does nothing before it is started. */
export async function createNetwork(options: NetworkOptions, modules: NetworkModules): Promise<Network> {
  const clock = modules.clock ?? systemClock
  const now = (): number => clock.unixTime()
  const steady = (): number => clock.now()
  const { log, chain } = modules
  const capacity = options.capacity ?? defaultCapacity
  const known = new KnownPeers(modules.knownPeers, now, log)
  const bans = new BanList(known, now)
  const scores = new ScoreBook()
  const addressScores = new AddressScores()
  const candidates = new Candidates({ known, now, steady, random: Math.random })
  const gater = new PeerGater({ bans, scores, addressScores, candidates, capacity, steady })
  const traffic = new Traffic()
  const rendezvous = await rendezvousKeys(chain.spec.id, options.rendezvous ?? chain.spec.rendezvous)
  const mode: DiscoveryMode = options.mode ?? { peers: 'all', dht: true }
  const host = await createHost({
    specId: chain.spec.id,
    agent: options.agent,
    identity: options.identity,
    listen: options.listen,
    announce: options.announce ?? [],
    datastore: modules.datastore,
    gater: traffic.countBehind(gater),
    maxConnections: maxConnections(capacity),
    allowLoopback: options.allowLoopback,
    announcePrivate: mode.local === true,
    dht: mode.dht
      ? { providerKeys: rendezvous, onFault: (peer, error) => peers.blame(peer.toString(), error), now }
      : false,
  })
  const { identity } = options
  const { datastore } = modules
  const specId = chain.spec.id
  const hashTable = mode.dht ? new HashTable({ specId, host, identity, datastore, now, log }) : undefined
  gater.watch(host)
  const ownStatus = createOwnStatus(chain, {
    agent: options.agent,
    services: serviceFlags.fullBlocks | (modules.filters === undefined ? 0 : serviceFlags.lightClients),
    nonce: randomBytes(8),
    now,
  })
  const talk = new SmallTalk()
  const peers = new PeerSet(
    { specId: chain.spec.id, capacity },
    { host, known, bans, scores, addressScores, candidates, ownStatus, talk, now, steady, log },
  )
  const recorder = new PeerRecorder({ host, peers, candidates, now, log })
  const discovery = new Discovery(
    {
      mode,
      target: capacity.outbound,
      connect: options.connect ?? [],
      bootnodes: options.bootnodes ?? [],
      follow: followPolicy({ allowLoopback: options.allowLoopback, announcePrivate: mode.local === true }),
      rendezvous,
    },
    { chain, host, datastore, peers, candidates, talk, now, steady, log },
  )
  return new Network({ ...modules, clock, host, traffic, hashTable, known, peers, bans, recorder, discovery })
}

interface NetworkParts extends NetworkModules {
  readonly clock: Clock
  readonly host: Libp2p<HostServices>
  readonly traffic: Traffic
  readonly hashTable: HashTable | undefined
  readonly known: KnownPeers
  readonly peers: PeerSet
  readonly bans: BanList
  readonly recorder: PeerRecorder
  readonly discovery: Discovery
}

/** A node's place in its network. */
export class Network {
  readonly peers: PeerSet
  readonly bans: BanList
  readonly #parts: NetworkParts
  readonly #syncer: Syncer
  readonly #relay: Relay
  /** Relay streams of peers that are not ready yet. Bounded by the acquaintances of the peer set. */
  readonly #early = new Map<string, RelayChannel>()
  #unsubscribe: (() => void) | undefined

  /** @param parts - see {@link createNetwork} */
  constructor(parts: NetworkParts) {
    const { chain, mempool, peers, clock, log } = parts
    const penalise = peers.penalise.bind(peers)
    this.#parts = parts
    this.peers = peers
    this.bans = parts.bans
    this.#syncer = new Syncer({ chain, penalise, clock, log })
    this.#relay = new Relay({
      chain,
      mempool,
      sync: this.#syncer,
      penalise,
      credit: peers.credit.bind(peers),
      clock,
      random: systemRandom,
      log,
    })
  }

  /** The peer id as text. */
  get peerId(): string {
    return this.#parts.host.peerId.toString()
  }

  /** Multiaddrs at which others can reach this node, each with the peer id. */
  get addresses(): string[] {
    return this.#parts.host.getMultiaddrs().map(String)
  }

  /** How far sync has come. */
  get syncPhase(): SyncPhase {
    return this.#syncer.phase
  }

  /** Peers that claim more work than this node knows and have not been found wrong. */
  get peersAhead(): number {
    return this.#syncer.peersAhead
  }

  /** The block with the most work that a peer has shown to know, which may be a newer one than its status told. */
  bestOf(peerId: string): BlockNode | undefined {
    return this.#syncer.bestOf(peerId)
  }

  /** The distributed hash table; `undefined` when this node takes no part in it. */
  get hashTable(): HashTable | undefined {
    return this.#parts.hashTable
  }

  /** Bytes that went over all connections since the start, or over the one with a peer. */
  traffic(peer?: Pick<Peer, 'connection'>): TrafficTotals {
    const { traffic } = this.#parts
    return peer === undefined ? traffic.totals : traffic.of(peer.connection)
  }

  /** Peers that this node has met or heard of and remembers, the one that was reached last first. */
  knownPeers(): KnownPeer[] {
    const rows = [...this.#parts.known.list()].filter(({ peerId }) => !isIpRow(peerId))
    return rows.sort((a, b) => (b.lastSuccess ?? 0) - (a.lastSuccess ?? 0))
  }

  /** How much this node holds for its network. */
  async measure(): Promise<NetworkFigures> {
    const { host, datastore, known } = this.#parts
    return { ...(await measureHost(host, datastore)), knownPeers: known.size }
  }

  /** The libp2p host, for what has no place here, such as its metrics. */
  get host(): Libp2p<HostServices> {
    return this.#parts.host
  }

  /**
   * Listens, answers, and begins to look for peers.
   *
   * @throws {Error} libp2p's, when an address cannot be listened on
   */
  async start(): Promise<void> {
    const { host, chain, mempool, filters, peers, recorder, discovery, clock, log } = this.#parts
    const { id } = chain.spec
    const onFault = (peer: { toString(): string }, error: Error): void =>
      peers.blame(peer.toString(), toPeerError(error))
    const penalise = peers.penalise.bind(peers)
    await answerPeers(host, { chain, mempool, filters, penalise, clock, log }, { onFault })
    await handleRelay(host, id, (channel) => this.#adopt(channel), { onFault })
    this.#unsubscribe = peers.subscribe((event) => this.#follow(event))
    recorder.start()
    await peers.start()
    await discovery.listen()
    await host.start()
    this.hashTable?.start()
    await discovery.start()
  }

  /** Parts from all peers and closes all sockets. */
  async stop(): Promise<void> {
    const { host, hashTable, peers, recorder, discovery } = this.#parts
    hashTable?.stop()
    await discovery.stop()
    await recorder.stop()
    await Promise.all([this.#syncer.stop(), this.#relay.stop()])
    this.#unsubscribe?.()
    await peers.stop()
    await host.stop()
  }

  #follow({ type, peer }: PeerEvent): void {
    if (type === 'peer-ready') this.#welcome(peer)
    else if (type === 'status') this.#syncer.updatePeer(peer.id, peer.status)
    else {
      this.#syncer.removePeer(peer.id)
      void this.#relay.removePeer(peer.id)
    }
  }

  #welcome(peer: Peer): void {
    const { chain, log } = this.#parts
    this.#syncer.addPeer(connectedSyncPeer(peer.connection, chain.spec.id), peer.status)
    const early = this.#early.get(peer.id)
    this.#early.delete(peer.id)
    if (early !== undefined) this.#adopt(early)
    if (peer.connection.direction !== 'outbound') return
    openRelay(peer.connection, chain.spec.id)
      .then((channel) => this.#adopt(channel))
      .catch((error: unknown) => {
        log.debug({ peer: peer.id, error }, 'No relay stream to a peer')
        this.peers.blame(peer.id, toPeerError(error))
      })
  }

  /**
   * Whoever opens a relay stream has told its status before. Its channel waits while our own exchange with it is still
   * under way; a stranger's is refused.
   */
  #adopt(channel: RelayChannel): void {
    const id = channel.peer.toString()
    const peer = this.peers.get(id)
    if (peer !== undefined) void this.#relay.addPeer(id, channel, peer.direction)
    else if (this.peers.acquaintances().includes(id)) this.#keepEarly(id, channel)
    else channel.abort(new PeerError('cancelled', `${id} is no peer of this node.`))
  }

  #keepEarly(id: string, channel: RelayChannel): void {
    this.#early.set(id, channel)
    void channel.closed.then(() => {
      if (this.#early.get(id) === channel) this.#early.delete(id)
    })
  }
}
