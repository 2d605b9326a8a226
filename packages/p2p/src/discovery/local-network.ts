/**
 * Finds nodes of the same network on the local network, without any server, by multicast DNS.
 *
 * Not part of the libp2p host, whose peer store would take in everybody who is named. A machine without multicast finds
 * nobody this way, and nothing else happens.
 *
 * Source: docs/protocol/peers.md#local-network; libp2p specs, discovery/mdns
 */
import { EventEmitter } from 'node:events'
import type { Libp2p, PeerDiscovery, PeerInfo, Startable } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import { withoutPeerId } from '../peers/addresses.ts'
import type { Candidates } from '../peers/candidates.ts'
import type { LogPort } from '../ports.ts'
import { discoveryLimits } from './discovery-limits.ts'

/** What the search works with. */
export interface LocalNetworkModules {
  readonly host: Libp2p
  /** Id of the chain spec, 8 hex digits. */
  readonly specId: string
  readonly candidates: Candidates
  readonly log: LogPort
}

/** Where to send multicasts; what the standard says when absent. For tests. */
export interface MulticastOptions {
  readonly port?: number
}

/** Names that are asked for: a network each. */
export function serviceTag(specId: string): string {
  return `_chain-${specId}._udp.local`
}

/** Asks and answers on the local network. Bound: `peerLimits.heardPerTeller` peers. */
export class LocalNetwork {
  readonly #modules: LocalNetworkModules
  readonly #discovery: PeerDiscovery & Startable

  constructor(modules: LocalNetworkModules, options: MulticastOptions = {}) {
    const { host, specId } = modules
    this.#modules = modules
    const create = mdns({
      ...options,
      serviceTag: serviceTag(specId),
      interval: discoveryLimits.localInterval,
    })
    type Components = Parameters<typeof create>[0]
    // Of the address manager it asks for the addresses only.
    const addressManager = { getAddresses: () => host.getMultiaddrs() } as Components['addressManager']
    this.#discovery = create({ logger: host.logger, addressManager }) as PeerDiscovery & Startable
  }

  /** Asks now and every minute, and answers. Call it when the host listens. */
  async start(): Promise<void> {
    this.#discovery.addEventListener('peer', this.#onPeer)
    await this.#discovery.start()
    // The library listens no more when it stops, and an error that comes after would end the process.
    const socket: unknown = Reflect.get(this.#discovery, 'mdns')
    if (socket instanceof EventEmitter) socket.on('error', this.#onError)
  }

  /** Asks and answers no more. */
  async stop(): Promise<void> {
    this.#discovery.removeEventListener('peer', this.#onPeer)
    await this.#discovery.stop()
  }

  readonly #onPeer = ({ detail }: CustomEvent<PeerInfo>): void => {
    const { host, candidates } = this.#modules
    if (detail.id.equals(host.peerId)) return
    candidates.heard(detail.id.toString(), detail.multiaddrs.map(withoutPeerId), 'mdns')
  }

  readonly #onError = (error: unknown): void => {
    this.#modules.log.info(
      { error },
      'Multicast does not work here: nobody is looked for on the local network',
    )
  }
}
