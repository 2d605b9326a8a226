/**
 * The open connections of a host by peer, of which one counts; what is surplus is closed after a moment.
 *
 * Not for whether a connection makes a peer (`peer-set.ts`). Bound: the host's `maxConnections`.
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import { chooseConnection, surplusConnections } from './choose-connection.ts'
import { peerTimes } from './peer-limits.ts'

/** Told that the connections with a peer have changed. */
export type ConnectionListener = (peerId: string) => void

/** Open connections, grouped by peer id. */
export class ConnectionTable {
  readonly #host: Libp2p
  readonly #self: string
  readonly #onChange: ConnectionListener
  readonly #connections = new Map<string, Connection[]>()
  readonly #closing = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(host: Libp2p, onChange: ConnectionListener) {
    this.#host = host
    this.#self = host.peerId.toString()
    this.#onChange = onChange
  }

  /** Follows the host from now on. */
  start(): void {
    this.#host.addEventListener('connection:open', this.#onOpen)
    this.#host.addEventListener('connection:close', this.#onClose)
    for (const connection of this.#host.getConnections()) this.#add(connection)
  }

  /** Follows the host no more; connections stay open. */
  stop(): void {
    this.#host.removeEventListener('connection:open', this.#onOpen)
    this.#host.removeEventListener('connection:close', this.#onClose)
    for (const timer of this.#closing.values()) clearTimeout(timer)
    this.#closing.clear()
    this.#connections.clear()
  }

  /** The connection with a peer that counts, or `undefined` when it has none. */
  chosen(peerId: string): Connection | undefined {
    return chooseConnection(this.#self, peerId, this.#open(peerId))
  }

  /** Closes all connections with a peer: soon, so that answers under way arrive, or now, gently or at once. */
  close(peerId: string, manner: 'soon' | 'gently' | 'at-once'): void {
    if (manner === 'soon') this.#later(peerId, () => this.close(peerId, 'gently'))
    else for (const connection of this.#open(peerId)) closeConnection(connection, manner)
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => this.#add(detail)

  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => {
    const peerId = detail.remotePeer.toString()
    const rest = this.#open(peerId).filter((connection) => connection !== detail)
    if (rest.length > 0) this.#connections.set(peerId, rest)
    else this.#connections.delete(peerId)
    this.#onChange(peerId)
  }

  #add(connection: Connection): void {
    const peerId = connection.remotePeer.toString()
    this.#connections.set(peerId, [...this.#open(peerId), connection])
    if (this.#open(peerId).length > 1) this.#later(peerId, () => this.#closeSurplus(peerId))
    this.#onChange(peerId)
  }

  #open(peerId: string): Connection[] {
    return (this.#connections.get(peerId) ?? []).filter(({ status }) => status === 'open')
  }

  #later(peerId: string, close: () => void): void {
    clearTimeout(this.#closing.get(peerId))
    const closeNow = (): void => {
      this.#closing.delete(peerId)
      close()
    }
    this.#closing.set(peerId, setTimeout(closeNow, peerTimes.closingGrace))
  }

  #closeSurplus(peerId: string): void {
    const kept = this.chosen(peerId)
    if (kept === undefined) return
    for (const connection of surplusConnections(kept, this.#open(peerId))) {
      closeConnection(connection, 'gently')
    }
  }
}

function closeConnection(connection: Connection, manner: 'gently' | 'at-once'): void {
  const abort = (error: unknown): void =>
    connection.abort(error instanceof Error ? error : new Error(String(error)))
  if (manner === 'at-once') abort(new Error('The peer is not wanted.'))
  else connection.close().catch(abort)
}
