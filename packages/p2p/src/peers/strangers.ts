/**
 * Inbound connections of those who have not told their status: the hash table opens such connections, and wallets may.
 * They have room of their own, so that they never take that of peers: when it is full, the oldest of them gives way to
 * the newest; one that stays too long is closed.
 *
 * Not for peers (`acquaintances.ts`), nor for sockets in their hand-shake (`gater.ts`).
 *
 * Source: docs/protocol/peers.md#admission
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { LogPort } from '../ports.ts'
import { peerTimes } from './peer-limits.ts'

/** What strangers are told apart by. */
export interface StrangersModules {
  readonly host: Libp2p
  /** Whether a peer id is a peer, or about to become one. */
  readonly isAcquainted: (peerId: string) => boolean
  readonly log: LogPort
}

/** Bound: `limit` connections, each beyond it closed as soon as it is there. */
export class Strangers {
  readonly #modules: StrangersModules
  readonly #limit: number

  constructor(limit: number, modules: StrangersModules) {
    this.#limit = limit
    this.#modules = modules
  }

  /** Follows the host from now on. */
  start(): void {
    this.#modules.host.addEventListener('connection:open', this.#onOpen)
  }

  /** Follows the host no more; connections stay open. */
  stop(): void {
    this.#modules.host.removeEventListener('connection:open', this.#onOpen)
  }

  /** The connections of strangers, the oldest first. */
  list(): Connection[] {
    const { host, isAcquainted } = this.#modules
    return host
      .getConnections()
      .filter(
        ({ direction, status, remotePeer }) =>
          direction === 'inbound' && status === 'open' && !isAcquainted(remotePeer.toString()),
      )
      .sort((a, b) => a.timeline.open - b.timeline.open)
  }

  /** Closes those that have been strangers for too long at `now`, in Unix milliseconds. */
  partFromIdle(now: number): void {
    for (const connection of this.list()) {
      // Of one that seems to come from the future nobody knows how long it has stayed: the clock was set.
      if (Math.abs(now - connection.timeline.open) < peerTimes.strangerStay) continue
      this.#log(connection, 'A stranger told no status in time')
      connection.close().catch((error: Error) => connection.abort(error))
    }
  }

  /** Aborted, since a stranger that does not answer to a gentle close would keep its place. */
  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    const older = this.list().filter((connection) => connection !== detail)
    for (const connection of older.slice(0, Math.max(0, older.length + 1 - this.#limit))) {
      this.#log(connection, 'A stranger gave way to a newer one')
      connection.abort(new Error('The place is needed.'))
    }
  }

  #log({ remotePeer, remoteAddr }: Connection, message: string): void {
    this.#modules.log.debug({ peerId: remotePeer.toString(), address: remoteAddr.toString() }, message)
  }
}
