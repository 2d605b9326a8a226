/**
 * Those who wait for a connection to become a peer, by peer id. Bound: the dials of this node.
 */
import type { Deadline } from '../streams/deadline.ts'
import { ConnectError } from './connect-error.ts'
import type { Peer } from './peer.ts'

interface Waiter {
  readonly resolve: (peer: Peer) => void
  readonly reject: (error: ConnectError) => void
}

/** Each wait ends once, and all for the same peer together. */
export class PeerWaiters {
  readonly #waiters = new Map<string, Waiter[]>()

  /**
   * Resolves when the connection with this peer id has become a peer.
   *
   * @throws {ConnectError} what {@link reject} is given, or `peer-refused` when the deadline is over
   */
  wait(id: string, deadline: Deadline): Promise<Peer> {
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, [...(this.#waiters.get(id) ?? []), { resolve, reject }])
      deadline.onAbort((cause) => {
        reject(new ConnectError('peer-refused', `${id} told no status in time.`, { cause }))
      })
    })
  }

  /** A peer is ready. */
  resolve(peer: Peer): void {
    for (const waiter of this.#take(peer.id)) waiter.resolve(peer)
  }

  /** A connection will not become a peer. */
  reject(id: string, error: ConnectError): void {
    for (const waiter of this.#take(id)) waiter.reject(error)
  }

  #take(id: string): Waiter[] {
    const waiters = this.#waiters.get(id) ?? []
    this.#waiters.delete(id)
    return waiters
  }
}
