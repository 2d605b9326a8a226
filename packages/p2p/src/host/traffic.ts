/**
 * Counts the bytes that go over the connections of a host, from the end of the hand-shake of each on.
 *
 * Not for limits (`connection-meter.ts`).
 */
import type { Connection, ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'

/** Bytes on the wire, with all that Noise and Yamux add. */
export interface TrafficTotals {
  readonly received: number
  readonly sent: number
}

/** The traffic of one host since it was made. What is counted of a connection goes with it. */
export class Traffic {
  readonly #totals = { received: 0, sent: 0 }
  /** By what a connection and its socket have in common. */
  readonly #ofConnections = new WeakMap<object, { received: number; sent: number }>()

  /** Of all connections, also those that are closed. */
  get totals(): TrafficTotals {
    return { ...this.#totals }
  }

  /** Of one connection. */
  of({ timeline }: Pick<Connection, 'timeline'>): TrafficTotals {
    return { received: 0, sent: 0, ...this.#ofConnections.get(timeline) }
  }

  /** The same door-keeper, whose sockets are counted once he lets them in. */
  countBehind(gater: ConnectionGater): ConnectionGater {
    return {
      ...gater,
      denyInboundEncryptedConnection: async (peer, socket) =>
        (await gater.denyInboundEncryptedConnection?.(peer, socket)) === true || this.#letIn(socket),
      denyOutboundEncryptedConnection: async (peer: PeerId, socket: MultiaddrConnection) =>
        (await gater.denyOutboundEncryptedConnection?.(peer, socket)) === true || this.#letIn(socket),
    }
  }

  /** Noise listens to the socket by now: it hands nothing over that nobody else would get. */
  #letIn(socket: MultiaddrConnection): false {
    const own = { received: 0, sent: 0 }
    this.#ofConnections.set(socket.timeline, own)
    socket.addEventListener('message', ({ data }) => {
      own.received += data.byteLength
      this.#totals.received += data.byteLength
    })
    const send = socket.send.bind(socket)
    socket.send = (data) => {
      own.sent += data.byteLength
      this.#totals.sent += data.byteLength
      return send(data)
    }
    return false
  }
}
