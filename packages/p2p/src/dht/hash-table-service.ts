/**
 * The distributed hash table of a host: libp2p's, over a store and parts that bound what strangers can do with it.
 *
 * Not for what a node does with it (`hash-table.ts`, `discovery/`).
 *
 * Source: docs/protocol/peers.md#hash-table, docs/decisions/0020-hash-table.md
 */
import { dhtProtocolId } from '@chain/wire'
import { type PeerDiscovery, peerDiscoverySymbol } from '@libp2p/interface'
import { type KadDHT, type KadDHTComponents, type KadDHTInit, kadDHT } from '@libp2p/kad-dht'
import type { CID } from 'multiformats/cid'
import { hostLimits } from '../host/host-limits.ts'
import { type AnnouncePolicy, isFollowed } from '../peers/address-scope.ts'
import type { FaultListener } from '../streams/exchange.ts'
import { dhtLimits } from './dht-limits.ts'
import {
  addressesToTell,
  guardConnections,
  guardOwnAddresses,
  guardPeerStore,
  guardRegistrar,
} from './guard.ts'
import { HashTableStore } from './hash-table-store.ts'
import { Hearsay, type HearsayModules } from './hearsay.ts'
import { recordNamespace } from './record-key.ts'
import { checkRecord, selectRecord } from './signed-record.ts'

/** What the distributed hash table is told. */
export interface DhtOptions {
  /** The keys under which the peers of the network meet; their records never make room for others. */
  readonly providerKeys: readonly CID[]
  /** Which addresses that strangers name are followed; public ones alone when absent. */
  readonly policy?: AnnouncePolicy
  /** Told of peers that break the protocol. */
  readonly onFault?: FaultListener
  /** Unix milliseconds; the system's clock when absent. */
  readonly now?: () => number
}

const publicOnly: AnnouncePolicy = { loopback: false, private: false }

/** Makes the service for `createLibp2p`. @param specId - 8 lower-case hex digits */
export function hashTableService(
  specId: string,
  options: DhtOptions,
): (components: KadDHTComponents) => KadDHT {
  const { providerKeys, policy = publicOnly, onFault = () => undefined, now = Date.now } = options
  return (components) => {
    const { peerId: self, registrar, connectionManager } = components
    const peerStore = guardPeerStore(components.peerStore, (address) =>
      isFollowed(address, components.addressManager.getAddresses(), policy),
    )
    const { datastore } = components
    const store = new HashTableStore({
      datastore,
      peerStore,
      self,
      rendezvous: providerKeys,
      now,
      random: Math.random,
    })
    const table = kadDHT(settings(specId, now))({
      peerId: self,
      privateKey: components.privateKey,
      addressManager: guardOwnAddresses(components.addressManager),
      events: components.events,
      logger: components.logger,
      ping: components.ping,
      ...(components.metrics === undefined ? {} : { metrics: components.metrics }),
      peerStore,
      datastore: store,
      registrar: guardRegistrar(registrar, onFault),
      connectionManager: guardConnections(connectionManager, onFault),
    })
    const isConnected: HearsayModules['isConnected'] = (peer) =>
      connectionManager.getConnections(peer).length > 0
    sweepRegularly(store, components)
    followHearsay(table, new Hearsay({ peerStore, self, isConnected }), components)
    return table
  }
}

function settings(specId: string, now: () => number): KadDHTInit {
  return {
    protocol: dhtProtocolId(specId),
    clientMode: false,
    peerInfoMapper: (peer) => ({ ...peer, multiaddrs: addressesToTell(peer.multiaddrs) }),
    allowQueryWithZeroPeers: false,
    initialQuerySelfInterval: 100,
    maxInboundStreams: dhtLimits.inboundStreams,
    maxOutboundStreams: dhtLimits.outboundStreams,
    validators: {
      [recordNamespace]: async (key, value) => {
        await checkRecord(specId, new TextDecoder().decode(key), value, now())
      },
    },
    selectors: { [recordNamespace]: (_, records) => selectRecord(records) },
    reprovide: {
      validity: hostLimits.recordValidity,
      threshold: hostLimits.recordRenewal,
      interval: hostLimits.recordInterval,
    },
  }
}

/** Takes the place of libp2p, which would remember everybody who is named. */
function followHearsay(table: KadDHT, hearsay: Hearsay, { events, logger }: KadDHTComponents): void {
  const log = logger.forComponent('chain:hash-table')
  const onError = (error: unknown): void => log.error('what was heard of a peer was not kept - %e', error)
  const discovery = Reflect.get(table, peerDiscoverySymbol) as PeerDiscovery
  discovery.addEventListener('peer', ({ detail }) => void hearsay.add(detail).catch(onError))
  Object.defineProperty(table, peerDiscoverySymbol, { value: undefined })
  events.addEventListener('start', () => void hearsay.start().catch(onError))
}

function sweepRegularly(store: HashTableStore, { events, logger }: KadDHTComponents): void {
  const log = logger.forComponent('chain:hash-table')
  const onError = (error: unknown): void => log.error('values that have expired were not removed - %e', error)
  let timer: NodeJS.Timeout | undefined
  events.addEventListener('start', () => {
    timer = setInterval(() => void store.sweep().catch(onError), hostLimits.recordInterval)
  })
  events.addEventListener('stop', () => clearInterval(timer))
}
