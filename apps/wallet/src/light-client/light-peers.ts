/**
 * The peers of one run of the wallet: whom to try, and what came of it.
 *
 * Peers that the user names are the only ones asked; else those that worked before, then the network's bootnodes. All
 * are dialled at once. A peer is trusted with nothing: its status only tells whether it is of the same network.
 */
import { equalBytes } from '@chain/core/bytes'
import type { ChainSpec } from '@chain/core/consensus'
import { reasonOf } from '@chain/core/errors'
import { createLightHost, PeerError, requestStatus, toPeerError } from '@chain/p2p'
import type { KnownPeer } from '@chain/storage'
import type { Status } from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type PeerFailure, peersUnknown, peersUnreachable } from '../errors.ts'
import { agent } from '../version.ts'
import { parsePeerAddresses } from './peer-addresses.ts'

/** Peers that are asked at once, and addresses that are tried for them. */
const MAX_PEERS = 8

/** Milliseconds for one peer, from the dial to its status. */
const CONNECT_TIMEOUT = 10_000

/** A node that answers. */
export interface LightPeer {
  /** Its peer id. */
  readonly id: string
  /** The address it was reached at, without its peer id. */
  readonly address: string
  readonly connection: Connection
  /** What it says that it serves: bit set of `serviceFlags`. */
  readonly services: number
}

/** A table of peers that worked before. */
export interface PeerMemory {
  list(): KnownPeer[]
  get(peerId: string): KnownPeer | undefined
  put(peer: KnownPeer): Promise<void>
}

/** Connected peers. */
export class LightPeers {
  readonly #host: Libp2p
  readonly #memory: PeerMemory
  #peers: LightPeer[] = []
  readonly #failures: PeerFailure[] = []

  private constructor(host: Libp2p, memory: PeerMemory) {
    this.#host = host
    this.#memory = memory
  }

  /**
   * Connects to peers.
   *
   * @param options.named - the only peers to ask; those known before and the bootnodes when there are none
   * @param options.ownStatus - what the wallet says about itself
   * @throws {OperationalError} `peers-unknown`, `peers-unreachable`
   */
  static async connect(options: {
    readonly spec: ChainSpec
    readonly named: readonly Multiaddr[]
    readonly memory: PeerMemory
    readonly ownStatus: () => Status
    /** Milliseconds since 1970. */
    readonly now: () => number
  }): Promise<LightPeers> {
    const { spec, named, memory } = options
    const addresses = named.length > 0 ? named : rememberedAddresses(spec, memory)
    if (addresses.length === 0) throw peersUnknown(spec.name)
    const host = await createLightHost({ specId: spec.id, agent })
    await host.start()
    const peers = new LightPeers(host, memory)
    const attempts = addresses.slice(0, MAX_PEERS).map((address) => peers.#tryPeer(address, options))
    await Promise.all(attempts)
    if (peers.#peers.length > 0) return peers
    await host.stop()
    throw peersUnreachable(peers.#failures)
  }

  /** Those that are still of use. */
  list(): readonly LightPeer[] {
    return this.#peers
  }

  /** Those that were given up, and why. */
  failures(): readonly PeerFailure[] {
    return this.#failures
  }

  /** The open connection to a peer, or a new one where it was closed while a person was thinking. */
  async connectionTo(peer: LightPeer): Promise<Connection> {
    return peer.connection.status === 'open' ? peer.connection : await this.#dialAgain(peer)
  }

  /**
   * A new connection to a peer whose `closing` one failed: for a moment a connection that the peer closes still says
   * that it is open, although no stream can be opened on it any more.
   */
  async reconnectTo(peer: LightPeer, closing: Connection): Promise<Connection> {
    closing.abort(new PeerError('peer-closed', 'The connection is closing.'))
    return await this.#dialAgain(peer)
  }

  async #dialAgain({ id, address }: LightPeer): Promise<Connection> {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT)
    try {
      return await this.#host.dial(parsePeerAddresses([`${address}/p2p/${id}`]), { signal })
    } catch (error) {
      throw toPeerError(error)
    }
  }

  /** Gives a peer up. */
  drop(peer: LightPeer, error: unknown): void {
    this.#peers = this.#peers.filter((other) => other !== peer)
    this.#failures.push({ address: `${peer.address}/p2p/${peer.id}`, reason: reasonOf(toPeerError(error)) })
  }

  async close(): Promise<void> {
    await this.#host.stop()
  }

  async #tryPeer(
    address: Multiaddr,
    { spec, ownStatus, now }: { spec: ChainSpec; ownStatus: () => Status; now: () => number },
  ): Promise<void> {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT)
    try {
      const connection = await this.#host.dial(address, { signal })
      const status = await requestStatus(connection, spec.id, ownStatus(), { signal })
      if (!equalBytes(status.genesis, ownStatus().genesis)) throw new Error('it is on another network')
      const peer = lightPeer(connection, status.services)
      if (this.#peers.some(({ id }) => id === peer.id)) return
      this.#peers.push(peer)
      await this.#remember(peer, now())
    } catch (error) {
      this.#failures.push({ address: address.toString(), reason: dialFailure(error) })
    }
  }

  async #remember({ id, address }: LightPeer, now: number): Promise<void> {
    const known = this.#memory.get(id)
    const addresses = [address, ...(known?.addresses ?? []).filter((other) => other !== address)].slice(0, 8)
    await this.#memory.put({
      peerId: id,
      addresses,
      source: known?.source ?? 'connect',
      score: known?.score ?? 0,
      firstSeen: known?.firstSeen ?? now,
      lastAttempt: now,
      lastSuccess: now,
      failures: 0,
    })
  }
}

function rememberedAddresses(spec: ChainSpec, memory: PeerMemory): Multiaddr[] {
  const known = memory.list().sort((a, b) => (b.lastSuccess ?? 0) - (a.lastSuccess ?? 0))
  const remembered = known.flatMap(({ peerId, addresses }) =>
    addresses.slice(0, 1).map((address) => `${address}/p2p/${peerId}`),
  )
  return parsePeerAddresses([...new Set([...remembered, ...spec.bootnodes])])
}

function lightPeer(connection: Connection, services: number): LightPeer {
  const id = connection.remotePeer.toString()
  return { id, address: connection.remoteAddr.toString().replace(/\/p2p\/[^/]+$/, ''), connection, services }
}

/** libp2p wraps what the operating system said. */
function dialFailure(error: unknown): string {
  if (error instanceof AggregateError) return dialFailure(error.errors.at(-1))
  if (error instanceof Error && error.name === 'NoValidAddressesError')
    return 'no transport for this kind of address'
  const { code: kind } = toPeerError(error)
  if (kind === 'peer-speaks-other-protocol') return 'it is on another network or no node of chain'
  if (kind === 'peer-timed-out' || kind === 'cancelled') return 'no answer in time'
  return reasonOf(error)
}
