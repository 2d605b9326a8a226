/**
 * What the hash table's library is given instead of libp2p's own parts, so that strangers cannot make it spend more than
 * this node has for them: requests are paced and bounded, answers bounded, and what others say of peers is not kept for ever.
 *
 * libp2p's middleware (`host.use`) is no place for it: the list that is registered grows by one handler with each stream.
 *
 * Source: docs/protocol/peers.md#hash-table
 */
import type { Address, PeerId, PeerStore, Stream, StreamHandler } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Allowances } from '../allowances.ts'
import type { FaultListener } from '../streams/exchange.ts'
import { dhtLimits } from './dht-limits.ts'
import { watchFrame } from './frame-watch.ts'
import { answerSender } from './sender.ts'

type Registrar = KadDHTComponents['registrar']
type AddressManager = KadDHTComponents['addressManager']
type ConnectionManager = KadDHTComponents['connectionManager']

const requestLimits = { bytes: dhtLimits.requestBytes, peers: dhtLimits.requestPeers }
const answerLimits = { bytes: dhtLimits.answerBytes, peers: dhtLimits.answerPeers }

/** A registrar whose handlers get streams that are due and watched. */
export function guardRegistrar(registrar: Registrar, onFault: FaultListener): Registrar {
  const pace = new Allowances({ burst: dhtLimits.requestBurst, perSecond: dhtLimits.requestsPerSecond })
  return override(registrar, {
    handle: (protocol, handler, options) =>
      registrar.handle(protocol, guard(handler, pace, onFault), options),
  })
}

function guard(handler: StreamHandler, pace: Allowances, onFault: FaultListener): StreamHandler {
  return async (stream, connection) => {
    const peer = connection.remotePeer
    const milliseconds = pace.take(peer.toString(), 1, performance.now())
    if (milliseconds > 0) await waitOpen(stream, milliseconds)
    if (stream.status !== 'open') return
    watchFrame(stream, requestLimits, (error) => onFault(peer, error))
    await answerSender(connection, () => handler(stream, connection))
  }
}

/** Waits, for as long as the stream is open, so that streams that come and go leave nothing behind. */
function waitOpen(stream: Stream, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      stream.removeEventListener('close', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    stream.addEventListener('close', end)
  })
}

/** A connection manager whose streams are watched. */
export function guardConnections(connections: ConnectionManager, onFault: FaultListener): ConnectionManager {
  const openStream = async (
    peer: PeerId | Multiaddr | Multiaddr[],
    protocol: string | string[],
    options?: Parameters<ConnectionManager['openStream']>[2],
  ): Promise<Stream> => {
    const stream = await connections.openStream(peer, protocol, options)
    watchFrame(stream, answerLimits, (error) => {
      if ('toMultihash' in peer) onFault(peer, error)
    })
    return stream
  }
  return override(connections, { openStream })
}

/**
 * A peer store that keeps a bounded number of addresses of each peer: whoever names a peer adds to those that it has, and
 * nothing else ever takes one away. Those that the peer has signed stay, then come the newest.
 *
 * @param isFollowed - whether this node may be led to an address that somebody names
 */
export function guardPeerStore(peerStore: PeerStore, isFollowed: (address: Multiaddr) => boolean): PeerStore {
  const merge: PeerStore['merge'] = async (peer, { multiaddrs, ...rest }, options) => {
    const data = multiaddrs === undefined ? rest : { ...rest, multiaddrs: multiaddrs.filter(isFollowed) }
    const merged = await peerStore.merge(peer, data, options)
    if (merged.addresses.length <= dhtLimits.addressesPerPeer) return merged
    const named = new Set(multiaddrs?.map(String))
    const rank = ({ isCertified, multiaddr }: Address): number =>
      isCertified ? 0 : named.has(multiaddr.toString()) ? 1 : 2
    const addresses = merged.addresses.toSorted((left, right) => rank(left) - rank(right))
    return await peerStore.patch(peer, { addresses: addresses.slice(0, dhtLimits.addressesPerPeer) }, options)
  }
  const getInfo: PeerStore['getInfo'] = async (peer, options) => {
    const { id, multiaddrs } = await peerStore.getInfo(peer, options)
    return { id, multiaddrs: addressesToTell(multiaddrs) }
  }
  return override(peerStore, { merge, getInfo })
}

/** Those of a peer's addresses that are told. */
export function addressesToTell(addresses: readonly Multiaddr[]): Multiaddr[] {
  return addresses
    .filter(({ bytes }) => bytes.length <= dhtLimits.addressBytes)
    .slice(0, dhtLimits.addressesPerPeer)
}

/** An address manager that tells a bounded number of this node's own addresses. */
export function guardOwnAddresses(manager: AddressManager): AddressManager {
  return override(manager, { getAddresses: () => addressesToTell(manager.getAddresses()) })
}

/** An object that does everything as another does, but for some methods. */
function override<Target extends object>(target: Target, methods: Partial<Target>): Target {
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(methods, name)) return methods[name as keyof Target]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
