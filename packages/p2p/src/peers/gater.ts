/**
 * The host's door-keeper: refuses banned peers and machines, peers with a bad score, and connections beyond the limits of
 * one address or one peer, each as early as it can be known.
 *
 * Not for the number of peers (`acquaintances.ts`), nor of those who do not become peers (`strangers.ts`).
 *
 * Source: docs/protocol/peers.md#admission
 */
import type { Connection, ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { scopeOf } from './address-scope.ts'
import type { AddressScores } from './address-scores.ts'
import { addressGroup, ipOf, isLoopbackIp, subnetOf } from './addresses.ts'
import type { BanList } from './ban-list.ts'
import type { Candidates } from './candidates.ts'
import { type PeerCapacity, peerLimits } from './peer-limits.ts'
import { disconnectScore, type ScoreBook } from './score.ts'

/** What the door-keeper asks. */
export interface PeerGaterOptions {
  readonly bans: BanList
  readonly scores: ScoreBook
  /** Told where peers come from. */
  readonly addressScores: AddressScores
  readonly candidates: Candidates
  readonly capacity: PeerCapacity
  /** Milliseconds since some moment, never going back; that of the scores. */
  readonly steady: () => number
}

/** A connection gater of libp2p. */
export class PeerGater implements ConnectionGater {
  readonly #options: PeerGaterOptions
  /** Inbound sockets by address group and by subnet, those in their hand-shake included. Bound: the host's own limits. */
  readonly #sockets = new Map<string, number>()
  #connections: () => readonly Connection[] = () => []

  constructor(options: PeerGaterOptions) {
    this.#options = options
  }

  /** Counts connections of this host; call it when the host has been made. */
  watch(host: { getConnections(): Connection[] }): void {
    this.#connections = () => host.getConnections()
  }

  readonly denyDialPeer = (peerId: PeerId): boolean =>
    this.#isUnwanted(peerId) || this.#options.candidates.isAvoided(peerId.toString())

  readonly denyDialMultiaddr = (address: Multiaddr): boolean => this.#isBannedIp(ipOf(address))

  readonly denyInboundConnection = (socket: MultiaddrConnection): boolean => {
    const ip = ipOf(socket.remoteAddr)
    if (ip === undefined) return false
    if (this.#isBannedIp(ip) || this.#options.addressScores.isRefused(ip, this.#options.steady())) return true
    return !isLoopbackIp(ip) && !this.#take(ip, socket)
  }

  readonly denyInboundEncryptedConnection = (
    peerId: PeerId,
    { remoteAddr }: MultiaddrConnection,
  ): boolean => {
    if (this.#isUnwanted(peerId) || this.#hasEnoughOf(peerId)) return true
    this.#options.addressScores.learn(peerId.toString(), remoteAddr)
    return false
  }

  readonly denyOutboundEncryptedConnection = (
    peerId: PeerId,
    { remoteAddr }: MultiaddrConnection,
  ): boolean => {
    if (this.#isUnwanted(peerId)) return true
    this.#options.addressScores.learn(peerId.toString(), remoteAddr)
    return false
  }

  #isUnwanted(peerId: PeerId): boolean {
    const { bans, scores, steady } = this.#options
    const id = peerId.toString()
    return bans.isBanned(id) || scores.get(id, steady()) <= disconnectScore
  }

  #isBannedIp(ip: string | undefined): boolean {
    return ip !== undefined && this.#options.bans.isBanned(ip)
  }

  #hasEnoughOf(peerId: PeerId): boolean {
    const own = this.#connections().filter(({ remotePeer }) => remotePeer.equals(peerId))
    return own.length >= peerLimits.connectionsPerPeer
  }

  /** Counts a socket until it closes; false when its address or its subnet has its fill, or it is closed already. */
  #take(ip: string, socket: MultiaddrConnection): boolean {
    const { perAddress, perSubnet } = this.#options.capacity
    const limits = new Map([[addressGroup(ip), perAddress]])
    // A local network is one subnet by nature.
    if (scopeOf(socket.remoteAddr) === 'public') limits.set(subnetOf(ip), perSubnet)
    const groups = [...limits.keys()]
    const isFull = groups.some((group) => this.#count(group) >= (limits.get(group) ?? 0))
    if (isFull || socket.status !== 'open') return false
    for (const group of groups) this.#sockets.set(group, this.#count(group) + 1)
    socket.addEventListener('close', () => this.#release(groups), { once: true })
    return true
  }

  #count(group: string): number {
    return this.#sockets.get(group) ?? 0
  }

  #release(groups: readonly string[]): void {
    for (const group of groups) {
      if (this.#count(group) > 1) this.#sockets.set(group, this.#count(group) - 1)
      else this.#sockets.delete(group)
    }
  }
}
