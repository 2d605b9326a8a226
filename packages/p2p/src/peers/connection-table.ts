/**
 * The open connections of a host by peer, of which one counts; what is surplus is closed after a moment. A connection that
 * is about to be closed counts no more, even while the peer is being told why.
 *
 * Not for whether a connection makes a peer (`peer-set.ts`). Bound: the host's `maxConnections`.
 */
import { type Goodbye, goodbyeReasons } from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { LogPort } from '../ports.ts'
import { sayGoodbye } from '../protocols/goodbye.ts'
import { chooseConnection, surplusConnections } from './choose-connection.ts'
import type { Farewell } from './farewell.ts'
import { peerTimes } from './peer-limits.ts'

/** Told that the connections with a peer have changed. */
export type ConnectionListener = (peerId: string) => void

/** What a connection table works with. */
export interface ConnectionTableModules {
  readonly host: Libp2p
  /** Id of the chain spec, 8 hex digits. */
  readonly specId: string
  readonly log: LogPort
}

/** How the connections with a peer are closed: soon, so that answers under way arrive, or now, gently or at once. */
export interface Closing {
  readonly manner: 'soon' | 'gently' | 'at-once'
  /** What the peer is told before. */
  readonly farewell?: Farewell | undefined
  /** Milliseconds in which it must have heard. */
  readonly patience?: number
}

/** Open connections, grouped by peer id. */
export class ConnectionTable {
  readonly #modules: ConnectionTableModules
  readonly #self: string
  readonly #onChange: ConnectionListener
  readonly #connections = new Map<string, Connection[]>()
  readonly #parting = new WeakSet<Connection>()
  readonly #closing = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(modules: ConnectionTableModules, onChange: ConnectionListener) {
    this.#modules = modules
    this.#self = modules.host.peerId.toString()
    this.#onChange = onChange
  }

  /** Follows the host from now on. */
  start(): void {
    this.#modules.host.addEventListener('connection:open', this.#onOpen)
    this.#modules.host.addEventListener('connection:close', this.#onClose)
    for (const connection of this.#modules.host.getConnections()) this.#add(connection)
  }

  /** Follows the host no more; connections stay open. */
  stop(): void {
    this.#modules.host.removeEventListener('connection:open', this.#onOpen)
    this.#modules.host.removeEventListener('connection:close', this.#onClose)
    for (const timer of this.#closing.values()) clearTimeout(timer)
    this.#closing.clear()
    this.#connections.clear()
  }

  /** The connection with a peer that counts, or `undefined` when it has none. */
  chosen(peerId: string): Connection | undefined {
    return chooseConnection(this.#self, peerId, this.#open(peerId))
  }

  /** Closes all connections with a peer; resolves when it has heard why. */
  async close(peerId: string, closing: Closing): Promise<void> {
    if (closing.manner === 'soon') {
      this.#later(peerId, () => void this.close(peerId, { ...closing, manner: 'gently' }))
      return
    }
    await Promise.all(this.#open(peerId).map((connection) => this.#part(connection, closing)))
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
    const connections = this.#connections.get(peerId) ?? []
    return connections.filter((each) => each.status === 'open' && !this.#parting.has(each))
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
      void this.#part(connection, { manner: 'gently' })
    }
  }

  async #part(connection: Connection, { manner, farewell, patience }: Closing): Promise<void> {
    this.#parting.add(connection)
    if (farewell !== undefined) await this.#say(connection, farewell, patience)
    const abort = (error: unknown): void =>
      connection.abort(error instanceof Error ? error : new Error(String(error)))
    if (manner === 'at-once') abort(new Error('The peer is not wanted.'))
    else connection.close().catch(abort)
  }

  /** A peer that does not listen is closed all the same. */
  async #say(
    connection: Connection,
    { reason, sentence }: Farewell,
    timeout: number = peerTimes.goodbye,
  ): Promise<void> {
    const { specId, log } = this.#modules
    const goodbye: Goodbye = { reason: goodbyeReasons[reason], sentence }
    try {
      await sayGoodbye(connection, specId, goodbye, { timeout })
    } catch (error) {
      log.debug({ peerId: connection.remotePeer.toString(), reason, error }, 'A goodbye was not heard')
    }
  }
}
