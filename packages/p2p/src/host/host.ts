/**
 * The libp2p host of a node, and the smaller one of a wallet: transports, encryption, streams, identify, ping and the
 * distributed hash table, with bounds that hold against strangers.
 *
 * Not for chain's protocols (`protocols/`), nor for whom to dial or to refuse: the gater and the datastore are handed in.
 *
 * Source: docs/protocol/peers.md#host; docs/decisions/0002-noise-and-yamux.md
 */

import { protocolPrefix } from '@chain/wire'
import { yamux } from '@chainsafe/libp2p-yamux'
import { type Identify, identify } from '@libp2p/identify'
import type {
  ConnectionGater,
  Libp2p,
  ServiceMap,
  StreamMuxerOptions,
  StreamOptions,
} from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import type { Datastore } from 'interface-datastore'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { type DhtOptions, hashTableService } from '../dht/hash-table-service.ts'
import { type AnnouncePolicy, announcedAddresses } from '../peers/address-scope.ts'
import { meteredMuxer } from './connection-meter.ts'
import { encryption } from './encryption.ts'
import { hostLimits } from './host-limits.ts'
import type { Identity } from './identity.ts'
import { PublicAddresses } from './public-addresses.ts'
import { Visitors } from './visitors.ts'
import { boundedWebSockets } from './web-socket-transport.ts'

/** What every host is given. */
export interface LightHostOptions {
  /** Id of the chain spec, 8 hex digits: nodes of another network have no protocol in common with us. */
  readonly specId: string
  /** Name and version of the program, such as `chain-node/0.1.0`. */
  readonly agent: string
  /** The key behind the peer id; random when absent. */
  readonly identity?: Identity
}

/** What the host of a node is given. */
export interface HostOptions extends LightHostOptions {
  readonly identity: Identity
  /** Multiaddrs to listen on; port 0 picks a free one. */
  readonly listen: readonly string[]
  /** Multiaddrs to announce instead of those listened on. */
  readonly announce?: readonly string[]
  /** Where libp2p keeps peers and records. */
  readonly datastore: Datastore
  /** Says whom to refuse. */
  readonly gater: ConnectionGater
  /** Connections after which no more are accepted; above every limit of the peer manager. */
  readonly maxConnections: number
  /** Announce loopback addresses and let many nodes connect from one address: for nodes on one machine. */
  readonly allowLoopback: boolean
  /** Announce addresses of the local network although there are public ones: for nodes that are to be found there. */
  readonly announcePrivate?: boolean
  /** The distributed hash table, or none. */
  readonly dht: DhtOptions | false
}

/** Services of a node's host. */
export interface HostServices extends ServiceMap {
  readonly identify: Identify
  readonly ping: Ping
  readonly publicAddresses: PublicAddresses
  readonly visitors: Visitors
  /** Absent when the host was made without it. */
  readonly dht?: KadDHT
}

/** Services of a wallet's host. */
export interface LightHostServices extends ServiceMap {
  readonly identify: Identify
}

/**
 * The host of a node, not started yet: register the protocols first, then call its `start`, so that no peer meets a node
 * that does not know its own protocols.
 */
export function createHost(options: HostOptions): Promise<Libp2p<HostServices>> {
  const prefix = protocolPrefix(options.specId)
  const connectionRate = options.allowLoopback ? hostLimits.loopbackConnectionRate : hostLimits.connectionRate
  return createLibp2p<HostServices>({
    ...commonOptions(options),
    privateKey: options.identity,
    datastore: options.datastore,
    addresses: {
      listen: [...options.listen],
      announce: [...(options.announce ?? [])],
      announceFilter: (addresses) => announcedAddresses(addresses, announcePolicy(options)),
    },
    connectionGater: options.gater,
    connectionManager: {
      maxConnections: options.maxConnections,
      inboundConnectionThreshold: connectionRate,
      ...connectionTimes,
    },
    connectionMonitor: {
      protocolPrefix: prefix,
      pingInterval: hostLimits.pingInterval,
      pingTimeout: { minTimeout: hostLimits.pingTimeout },
    },
    // libp2p's default drops the addresses of connected peers after an hour, and with them the answers of the hash table.
    peerStore: { maxAddressAge: Number.POSITIVE_INFINITY, maxPeerAge: hostLimits.peerAge },
    services: {
      identify: identify({ protocolPrefix: prefix }),
      ping: ping({
        protocolPrefix: prefix,
        maxInboundStreams: hostLimits.pingStreams,
        maxOutboundStreams: hostLimits.pingStreams,
      }),
      publicAddresses: (components) => new PublicAddresses(components),
      visitors: (components) => new Visitors(components),
      ...(options.dht === false
        ? {}
        : { dht: hashTableService(options.specId, { policy: followPolicy(options), ...options.dht }) }),
    },
  })
}

/** The host of a wallet, not started yet: dials nodes, listens nowhere, keeps nothing, takes no part in the hash table. */
export function createLightHost(options: LightHostOptions): Promise<Libp2p<LightHostServices>> {
  const prefix = protocolPrefix(options.specId)
  return createLibp2p<LightHostServices>({
    ...commonOptions(options),
    ...(options.identity === undefined ? {} : { privateKey: options.identity }),
    // Browsers refuse private and unencrypted addresses by default; a wallet dials what its user names.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { maxConnections: 16, ...connectionTimes },
    connectionMonitor: { enabled: false },
    services: { identify: identify({ protocolPrefix: prefix, runOnConnectionOpen: false }) },
  })
}

/** What the operator says is announced is announced. */
function announcePolicy({
  allowLoopback,
  announce = [],
  announcePrivate = false,
}: HostOptions): AnnouncePolicy {
  return { loopback: allowLoopback, private: allowLoopback || announcePrivate || announce.length > 0 }
}

/** Where peers that strangers name are looked for. */
export function followPolicy({
  allowLoopback,
  announcePrivate = false,
}: Pick<HostOptions, 'allowLoopback' | 'announcePrivate'>): AnnouncePolicy {
  return { loopback: allowLoopback, private: allowLoopback || announcePrivate }
}

const connectionTimes = {
  maxIncomingPendingConnections: hostLimits.pendingConnections,
  inboundUpgradeTimeout: hostLimits.inboundHandshake,
  inboundStreamProtocolNegotiationTimeout: hostLimits.streamNegotiation,
  outboundStreamProtocolNegotiationTimeout: hostLimits.streamNegotiation,
  maxParallelDials: hostLimits.parallelDials,
  dialTimeout: hostLimits.dial,
  addressDialTimeout: hostLimits.dialAddress,
  reconnectRetries: 3,
}

type CommonOptions = Pick<
  Libp2pOptions,
  'nodeInfo' | 'transports' | 'connectionEncrypters' | 'streamMuxers' | 'start'
>

function commonOptions({ agent }: LightHostOptions): CommonOptions {
  const [name = agent, version = '0'] = agent.split('/')
  const socket = { noDelay: true }
  return {
    start: false,
    nodeInfo: { name, version, userAgent: agent },
    transports: [
      tcp({ backlog: hostLimits.listenBacklog, dialOpts: socket, listenOpts: socket }),
      boundedWebSockets(),
    ],
    connectionEncrypters: [encryption()],
    streamMuxers: [meteredMuxer(yamux(muxerOptions))],
  }
}

/** What is set of one stream. The multiplexer's own type is not used: its declarations fail a strict compiler of others. */
type MuxedStreamOptions = StreamOptions & { readonly maxStreamWindowSize: number }

/** Options of the stream multiplexer: a window above the read buffer would reset every stream that is paused. */
export const muxerOptions: StreamMuxerOptions<MuxedStreamOptions> = {
  maxInboundStreams: hostLimits.streamsPerConnection,
  maxOutboundStreams: hostLimits.streamsPerConnection,
  streamOptions: {
    maxStreamWindowSize: hostLimits.streamWindow,
    maxReadBufferLength: hostLimits.streamReadBuffer,
  },
}
