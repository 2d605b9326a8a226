/**
 * Makes peers of connections: exchanges status on each connection that counts, admits who is relevant while there is
 * room, and notices when a peer is gone.
 *
 * Not for who has room (`admission.ts`), nor for scores, bans and what is remembered: those hear of it through its hooks
 * (`peer-set.ts`).
 *
 * A connection that this node dialled is acquainted at once, while there is room; one that a peer dialled, when it tells
 * its status, or when this node wants it. Connections that never get acquainted serve the hash table and wallets.
 *
 * Source: docs/protocol/peers.md#peers
 */
import type { ChainError } from '@chain/core/errors'
import type { Goodbye, Status } from '@chain/wire'
import type { Connection, PeerId } from '@libp2p/interface'
import { toPeerError } from '../errors.ts'
import { handleGoodbye } from '../protocols/goodbye.ts'
import { handleStatus, requestStatus } from '../protocols/status.ts'
import type { Deadline } from '../streams/deadline.ts'
import type {
  Acquaintance,
  AcquaintanceHooks,
  AcquaintanceModules,
  AcquaintanceOptions,
} from './acquaintance.ts'
import { Admission } from './admission.ts'
import { ConnectError } from './connect-error.ts'
import { ConnectionTable } from './connection-table.ts'
import { type Farewell, farewellFor, farewells } from './farewell.ts'
import { ConnectedPeer, type Direction, type Merit, type Peer } from './peer.ts'
import { peerLimits, peerTimes } from './peer-limits.ts'
import { PeerWaiters } from './peer-waiters.ts'
import type { PartingManner } from './penalise.ts'
import { describeRefusal, judgeStatus, type StatusVerdict } from './status-check.ts'

/** Peers and connections that are about to become peers, by peer id. Bound: the capacity and `peerLimits`. */
export class Acquaintances {
  readonly #options: AcquaintanceOptions
  readonly #modules: AcquaintanceModules
  readonly #hooks: AcquaintanceHooks
  readonly #table: ConnectionTable
  readonly #admission: Admission
  readonly #byId = new Map<string, Acquaintance>()
  readonly #waiters = new PeerWaiters()
  #isStopped = false

  constructor(options: AcquaintanceOptions, modules: AcquaintanceModules, hooks: AcquaintanceHooks) {
    this.#options = options
    this.#modules = modules
    this.#hooks = hooks
    const { host, log } = modules
    this.#table = new ConnectionTable({ host, specId: options.specId, log }, (peerId) => this.#settle(peerId))
    const { capacity } = options
    this.#admission = new Admission({ capacity, hooks, acquaintances: () => [...this.#byId.values()] })
  }

  /** Answers `status/1`, listens to `goodbye/1` and follows the host's connections from now on. */
  async start(): Promise<void> {
    const { host, talk } = this.#modules
    const { specId } = this.#options
    const options = {
      onFault: (peer: PeerId, error: ChainError) => this.#hooks.onFault(peer.toString(), error),
      pace: talk.pace,
    }
    this.#table.start()
    await handleStatus(host, specId, (theirs, peer) => this.#answer(peer.toString(), theirs), options)
    await handleGoodbye(host, specId, (goodbye, peer) => this.#hear(peer.toString(), goodbye), options)
  }

  /** Parts from everybody; resolves when they have been told. */
  async stop(): Promise<void> {
    const error = new ConnectError('peers-stopped', 'This node is stopping.')
    this.#isStopped = true
    const all = [...this.#byId.values()]
    for (const acquaintance of all) this.#part(acquaintance, error)
    const closing = {
      manner: 'gently',
      farewell: farewells.stopping,
      patience: peerTimes.lastGoodbyes,
    } as const
    await Promise.all(all.map(({ id }) => this.#table.close(id, closing)))
    this.#table.stop()
  }

  /** All peers, the oldest first. */
  peers(): Peer[] {
    return [...this.#byId.values()].flatMap(({ peer }) => peer ?? [])
  }

  /** The peer with this id, or `undefined`. */
  peer(peerId: string): Peer | undefined {
    return this.#byId.get(peerId)?.peer
  }

  /** Whether a peer id is a peer, or about to become one. */
  has(peerId: string): boolean {
    return this.#byId.has(peerId)
  }

  /** Ids of peers and of connections that are about to become peers. */
  ids(direction?: Direction): string[] {
    const all = [...this.#byId.values()]
    return all.filter((one) => direction === undefined || one.direction === direction).map(({ id }) => id)
  }

  /**
   * Makes a peer of the connection with this peer id, which this node wants.
   *
   * @throws {ConnectError}
   */
  async acquaint(id: string, deadline: Deadline): Promise<Peer> {
    const current = this.#byId.get(id)
    if (current?.peer !== undefined) return current.peer
    if (current === undefined) this.#begin(id, this.#wantedConnection(id), 'outbound')
    return await this.#waiters.wait(id, deadline)
  }

  /** Exchanges status with a peer again; one that fails is parted from. */
  async refresh(id: string): Promise<void> {
    const acquaintance = this.#byId.get(id)
    if (acquaintance !== undefined) await this.#exchangeStatus(acquaintance)
  }

  /** A peer was the first to bring something. */
  credit(id: string, merit: Merit): void {
    this.#byId.get(id)?.peer?.credit(merit, this.#modules.now())
  }

  /** Parts from a peer, tells it why and closes its connections. */
  disconnect(id: string, farewell: Farewell, manner: PartingManner = 'at-once'): void {
    this.#turnAway(id, new ConnectError('peer-refused', `This node closed the connection to ${id}.`))
    void this.#table.close(id, { manner, farewell })
  }

  /** Makes what is known of a peer agree with its connections. */
  #settle(id: string): void {
    const current = this.#byId.get(id)
    const chosen = this.#table.chosen(id)
    if (current?.connection === chosen) return
    if (chosen === undefined) {
      const why = current?.farewell === undefined ? '.' : `: ${current.farewell}`
      this.#turnAway(id, new ConnectError('peer-refused', `${id} closed the connection${why}`))
    } else if (current !== undefined) {
      this.#take(current)
      this.#begin(id, chosen, chosen.direction)
    } else if (!this.#isStopped && this.#admission.wants(chosen)) {
      this.#begin(id, chosen, 'outbound')
    }
  }

  #wantedConnection(id: string): Connection {
    const chosen = this.#table.chosen(id)
    if (chosen === undefined) {
      throw new ConnectError(
        'peer-refused',
        `${id} closed the connection at once: it may be full, or keep this node out.`,
      )
    }
    if (!this.#admission.hasRoom('outbound', peerLimits.requestedPeers)) {
      throw new ConnectError('peer-limit-reached', 'This node has as many outbound peers as it takes.')
    }
    return chosen
  }

  #begin(id: string, connection: Connection, direction: Direction): void {
    void this.#exchangeStatus(this.#add(id, connection, direction))
  }

  #add(id: string, connection: Connection, direction: Direction): Acquaintance {
    const acquaintance: Acquaintance = { id, connection, direction, exchange: new AbortController() }
    this.#byId.set(id, acquaintance)
    return acquaintance
  }

  /** Never rejects: a failure ends the acquaintance. */
  async #exchangeStatus(acquaintance: Acquaintance): Promise<void> {
    const { id, connection, exchange } = acquaintance
    const options = { signal: exchange.signal, timeout: peerTimes.statusExchange }
    try {
      const ours = this.#modules.ownStatus()
      const theirs = await requestStatus(connection, this.#options.specId, ours, options)
      if (this.#byId.get(id) === acquaintance) this.#receive(acquaintance, ours, theirs)
    } catch (error) {
      this.#onExchangeFailed(acquaintance, toPeerError(error))
    }
  }

  #onExchangeFailed(acquaintance: Acquaintance, error: ChainError): void {
    const { id } = acquaintance
    if (this.#byId.get(id) === acquaintance) this.#settle(id)
    if (this.#byId.get(id) !== acquaintance) return
    this.#modules.log.debug({ peerId: id, error }, 'No status from a peer')
    if (error.code === 'peer-speaks-other-protocol') {
      this.#refuse(id, 'other-network')
      return
    }
    this.#part(acquaintance, new ConnectError('peer-refused', `${id} told no status: ${error.message}`))
    const farewell = error.code === 'peer-timed-out' ? farewells['no-status'] : undefined
    void this.#table.close(id, { manner: 'at-once', farewell })
    this.#hooks.onFault(id, error)
  }

  /** A peer told its status first. */
  #answer(id: string, theirs: Status): Status {
    const ours = this.#modules.ownStatus()
    const acquaintance = this.#byId.get(id) ?? this.#accept(id)
    if (acquaintance !== undefined) this.#receive(acquaintance, ours, theirs)
    return ours
  }

  #accept(id: string): Acquaintance | undefined {
    const connection = this.#table.chosen(id)
    if (connection === undefined || this.#isStopped || this.#admission.isSentAway(id)) return undefined
    if (this.#admission.hasRoom('inbound') || this.#makeRoom()) return this.#add(id, connection, 'inbound')
    this.#modules.log.debug({ peerId: id }, 'No room for an inbound peer')
    void this.#table.close(id, { manner: 'gently', farewell: farewells.full })
    return undefined
  }

  /** One of the inbound peers gives way; false when all are too useful. */
  #makeRoom(): boolean {
    const guest = this.#admission.selectGuest()
    if (guest === undefined) return false
    this.#modules.log.info({ peerId: guest }, 'An inbound peer gives way to another')
    this.disconnect(guest, farewells.evicted)
    return true
  }

  #hear(id: string, goodbye: Goodbye): void {
    const acquaintance = this.#byId.get(id)
    if (acquaintance !== undefined) acquaintance.farewell = goodbye.sentence
    this.#hooks.onGoodbye(id, goodbye)
  }

  #receive(acquaintance: Acquaintance, ours: Status, theirs: Status): void {
    const { id, peer, direction } = acquaintance
    const isChosen = direction === 'outbound'
    const verdict = judgeStatus(ours, theirs, isChosen && !this.#hooks.isNamed(id))
    if (isChosen && verdict !== 'self') this.#hooks.onClock(id, theirs.time - ours.time)
    if (verdict !== 'relevant') {
      this.#refuse(id, verdict, theirs.time - ours.time)
    } else if (peer === undefined) {
      this.#admit(acquaintance, theirs)
    } else {
      peer.status = theirs
      peer.statusAt = this.#modules.now()
      this.#hooks.onEvent({ type: 'status', peer })
    }
  }

  #admit(acquaintance: Acquaintance, status: Status): void {
    const { id, connection, direction } = acquaintance
    const { now, log } = this.#modules
    const readScore = (): number => this.#hooks.readScore(id)
    const peer = new ConnectedPeer({ id, connection, direction, status, now: now(), readScore })
    acquaintance.peer = peer
    log.info({ peerId: id, direction, agent: status.agent, height: status.height }, 'A peer is ready')
    this.#hooks.onEvent({ type: 'peer-ready', peer })
    this.#waiters.resolve(peer)
  }

  #refuse(id: string, verdict: Exclude<StatusVerdict, 'relevant'>, clockAhead = 0): void {
    const why = `${id} ${describeRefusal(verdict, clockAhead)}`
    this.#modules.log.info({ peerId: id, verdict, why }, 'A peer is of no use to this node')
    const code = verdict === 'self' ? 'peer-is-self' : 'peer-irrelevant'
    this.#turnAway(id, new ConnectError(code, `${why}.`))
    void this.#table.close(id, { manner: 'soon', farewell: farewellFor(verdict) })
    this.#hooks.onRefused(id, verdict, why)
  }

  #turnAway(id: string, error: ConnectError): void {
    const acquaintance = this.#byId.get(id)
    if (acquaintance !== undefined) this.#part(acquaintance, error)
  }

  /** Ends an acquaintance and the hopes of those who wait for it. */
  #part(acquaintance: Acquaintance, error: ConnectError): void {
    const { id, peer } = acquaintance
    this.#take(acquaintance)
    const { log } = this.#modules
    const data = { peerId: id, why: error.message }
    if (peer === undefined) log.debug(data, 'A connection made no peer')
    else log.info(data, 'A peer is gone')
    this.#waiters.reject(id, error)
  }

  #take({ id, exchange, peer }: Acquaintance): void {
    this.#byId.delete(id)
    exchange.abort()
    if (peer !== undefined) this.#hooks.onEvent({ type: 'peer-gone', peer })
  }
}
