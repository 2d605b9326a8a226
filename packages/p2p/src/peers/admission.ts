/**
 * Whom this node makes a peer of: while there is room, nobody whom it has just sent away, and of its own choice not too many of
 * one network.
 *
 * Not for what a peer's status says about it (`status-check.ts`), nor for addresses that are kept out (`gater.ts`).
 *
 * Source: docs/protocol/peers.md#admission
 */
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Acquaintance, AcquaintanceHooks } from './acquaintance.ts'
import { publicNetworks } from './address-scope.ts'
import { secretRank, selectGuest } from './make-room.ts'
import type { Direction } from './peer.ts'
import { type PeerCapacity, peerLimits } from './peer-limits.ts'
import { disconnectScore } from './score.ts'

/** What admission goes by. */
export interface AdmissionModules {
  readonly capacity: PeerCapacity
  readonly hooks: Pick<AcquaintanceHooks, 'readScore' | 'isResting'>
  /** Peers and connections that are about to become peers, the oldest first. */
  readonly acquaintances: () => readonly Acquaintance[]
}

/** Decides by what is there at the moment; remembers nothing but a secret. */
export class Admission {
  readonly #modules: AdmissionModules
  readonly #rankOf = secretRank()

  constructor(modules: AdmissionModules) {
    this.#modules = modules
  }

  /** Whether there is room for one more, when `extra` more than usual are allowed. */
  hasRoom(direction: Direction, extra = 0): boolean {
    return this.#of(direction).length < this.#modules.capacity[direction] + extra
  }

  /** Whether a connection that this node dialled, for the hash table perhaps, is to become a peer. */
  wants({ direction, remotePeer, remoteAddr }: Connection): boolean {
    if (direction !== 'outbound' || !this.hasRoom('outbound')) return false
    const id = remotePeer.toString()
    // The hash table holds on to those that it knows, also when they have just said that they have no room.
    return !this.isSentAway(id) && !this.#modules.hooks.isResting(id) && !this.#isCrowded(remoteAddr)
  }

  /** Whether a peer is disconnected soon: it may not come back over the connection that it has still. */
  isSentAway(id: string): boolean {
    return this.#modules.hooks.readScore(id) <= disconnectScore
  }

  /** The inbound peer that gives way to a newcomer, or `undefined` when all are too useful. */
  selectGuest(): string | undefined {
    const peers = this.#modules.acquaintances().flatMap(({ peer }) => peer ?? [])
    return selectGuest(peers, this.#rankOf)
  }

  /** Whether enough outbound peers are in the network that an address leads to. */
  #isCrowded(address: Multiaddr): boolean {
    const taken = this.#of('outbound').flatMap(({ connection }) => publicNetworks([connection.remoteAddr]))
    const isFull = (network: string): boolean =>
      taken.filter((each) => each === network).length >= peerLimits.outboundPerNetwork
    return publicNetworks([address]).some(isFull)
  }

  #of(direction: Direction): Acquaintance[] {
    return this.#modules.acquaintances().filter((one) => one.direction === direction)
  }
}
