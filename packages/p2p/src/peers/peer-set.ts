/**
 * The peers of a node: makes peers of connections by exchanging status, keeps one per peer id within the limits, asks
 * them again now and then, and parts from those that misbehave or fall silent.
 *
 * Not for finding peers (`discovery/`), nor for remembering them (`peer-recorder.ts`). Start it before the host, so that
 * no peer meets a node that does not answer `status/1`; stop it before the host.
 *
 * Source: docs/protocol/peers.md#peers
 */
import type { ChainError } from '@chain/core/errors'
import type { Status } from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import { Deadline } from '../deadline.ts'
import { toPeerError } from '../errors.ts'
import { hostLimits } from '../host-limits.ts'
import type { LogPort, PeerSource } from '../ports.ts'
import { handleStatus, requestStatus } from '../protocols/status.ts'
import { ipOf, withoutPeerId } from './addresses.ts'
import type { BanList } from './ban-list.ts'
import type { Candidates } from './candidates.ts'
import { ConnectError } from './connect-error.ts'
import { ConnectionTable } from './connection-table.ts'
import { type DialTarget, dial } from './dialler.ts'
import { penaltyForFault } from './fault-penalty.ts'
import type { KnownPeers } from './known-peers.ts'
import { ConnectedPeer, type Peer, type PeerEvent, type PeerListener } from './peer.ts'
import { type PeerCapacity, peerLimits, peerTimes } from './peer-limits.ts'
import { banScore, disconnectScore, type PenaltyReason, type ScoreBook } from './score.ts'
import { judgeStatus, type StatusVerdict } from './status-check.ts'

/** What a peer set works with. */
export interface PeerSetModules {
  readonly host: Libp2p
  readonly known: KnownPeers
  readonly bans: BanList
  readonly scores: ScoreBook
  readonly candidates: Candidates
  /** This node's status of the moment. */
  readonly ownStatus: () => Status
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
  readonly log: LogPort
}

/** How a peer set is to behave. */
export interface PeerSetOptions {
  /** Id of the chain spec, 8 hex digits. */
  readonly specId: string
  readonly capacity: PeerCapacity
}

/** What a caller may change about connecting. */
export interface ConnectOptions {
  /** How the peer became known; the operator by default. */
  readonly source?: PeerSource
  /** Gives up. */
  readonly signal?: AbortSignal
}

type Direction = Peer['direction']

/** A connection that is, or is about to become, a peer. */
interface Acquaintance {
  readonly id: string
  readonly connection: Connection
  readonly direction: Direction
  readonly exchange: AbortController
  peer?: ConnectedPeer
}

interface Waiter {
  readonly resolve: (peer: Peer) => void
  readonly reject: (error: ConnectError) => void
}

/** The peers of a node. */
export class PeerSet {
  readonly #options: PeerSetOptions
  readonly #modules: PeerSetModules
  readonly #table: ConnectionTable
  readonly #acquaintances = new Map<string, Acquaintance>()
  readonly #waiters = new Map<string, Waiter[]>()
  readonly #listeners = new Set<PeerListener>()
  #heartbeat: ReturnType<typeof setInterval> | undefined

  constructor(options: PeerSetOptions, modules: PeerSetModules) {
    this.#options = options
    this.#modules = modules
    this.#table = new ConnectionTable(modules.host, (peerId) => this.#settle(peerId))
  }

  /** Answers `status/1` and makes peers of connections from now on. */
  async start(): Promise<void> {
    const { host, scores, known, now } = this.#modules
    for (const { peerId, score } of known.list()) scores.set(peerId, score, now())
    this.#heartbeat = setInterval(() => this.#beat(), peerTimes.heartbeat)
    this.#table.start()
    const onFault = (peerId: { toString(): string }, error: ChainError): void =>
      this.blame(peerId.toString(), error)
    await handleStatus(host, this.#options.specId, (theirs, peer) => this.#answer(peer.toString(), theirs), {
      onFault,
    })
  }

  /** Parts from all peers; the connections are left for the host to close. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat)
    this.#table.stop()
    const error = new ConnectError('peers-stopped', 'This node is stopping.')
    for (const acquaintance of [...this.#acquaintances.values()]) this.#part(acquaintance, error)
    await this.#modules.known.settled()
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: PeerListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All peers, the oldest first. */
  list(): Peer[] {
    return [...this.#acquaintances.values()].flatMap(({ peer }) => peer ?? [])
  }

  /** The peer with this id, or `undefined`. */
  get(peerId: string): Peer | undefined {
    return this.#acquaintances.get(peerId)?.peer
  }

  /** Ids of peers and of connections that are about to become peers. */
  acquaintances(direction?: Direction): string[] {
    const all = [...this.#acquaintances.values()]
    return all.filter((one) => direction === undefined || one.direction === direction).map(({ id }) => id)
  }

  /**
   * Connects to a peer by its id or its addresses and exchanges status; resolves at once when it is a peer already.
   * What is under way when the host stops is rejected.
   *
   * @throws {ConnectError}
   */
  async connect(target: DialTarget, { source = 'connect', signal }: ConnectOptions = {}): Promise<Peer> {
    const { host, candidates } = this.#modules
    const deadline = new Deadline(hostLimits.dial + peerTimes.statusExchange, signal)
    try {
      const { remotePeer, remoteAddr, direction } = await dial(host, target, deadline.signal)
      const id = remotePeer.toString()
      if (direction === 'outbound') candidates.heard(id, [withoutPeerId(remoteAddr)], source)
      return await this.#acquaint(id, deadline)
    } finally {
      deadline.dispose()
    }
  }

  /**
   * Adds an address to which a connection is to be held for ever.
   *
   * @throws {ConnectError} `address-malformed`
   */
  add(address: string): void {
    this.#modules.candidates.addFixed(address, 'connect')
  }

  /** Takes back an address of {@link add}; says whether it was there. A connection stays. */
  remove(address: string): boolean {
    return this.#modules.candidates.removeFixed(address)
  }

  /** Closes all connections with a peer; it may come back. */
  disconnect(peerId: string): void {
    this.#turnAway(peerId, new ConnectError('peer-refused', `This node closed the connection to ${peerId}.`))
    this.#table.close(peerId, 'at-once')
  }

  /** Takes points from a peer; disconnects or bans it when it has lost too many. `detail` is for the log. */
  penalise(peerId: string, reason: PenaltyReason, detail: string): void {
    const { scores, known, now, log } = this.#modules
    const score = scores.penalise(peerId, reason, now())
    log.info({ peerId, reason, detail, score }, 'A peer lost points')
    if (known.get(peerId) !== undefined) known.update(peerId, { score })
    if (score <= banScore) this.ban(peerId, peerTimes.ban, reason)
    else if (score <= disconnectScore) this.disconnect(peerId)
  }

  /** Penalises a peer for a failed exchange, when that was its fault. */
  blame(peerId: string, error: ChainError): void {
    const reason = penaltyForFault(error)
    if (reason !== undefined) this.penalise(peerId, reason, error.message)
  }

  /** Bans a peer id or an IP address for some milliseconds, over restarts too, and closes its connections. */
  ban(subject: string, milliseconds: number, reason: string): void {
    const { host, bans, scores, known, now, log } = this.#modules
    bans.ban(subject, milliseconds, reason)
    log.info({ subject, milliseconds, reason }, 'Banned')
    scores.set(subject, 0, now())
    if (known.get(subject) !== undefined) known.update(subject, { score: 0 })
    const banned = host.getConnections().filter(({ remoteAddr, remotePeer }) => {
      return remotePeer.toString() === subject || ipOf(remoteAddr) === subject
    })
    for (const { remotePeer } of banned) this.disconnect(remotePeer.toString())
  }

  /** Lifts a ban; says whether there was one. */
  unban(subject: string): boolean {
    return this.#modules.bans.unban(subject)
  }

  /** Asks a peer for its status again; a peer that does not answer is parted from. */
  async refresh(peerId: string): Promise<Peer | undefined> {
    const acquaintance = this.#acquaintances.get(peerId)
    if (acquaintance !== undefined) await this.#exchangeStatus(acquaintance)
    return this.get(peerId)
  }

  /** Makes what is known of peers agree with the connections of one. */
  #settle(id: string): void {
    const current = this.#acquaintances.get(id)
    const chosen = this.#table.chosen(id)
    if (current?.connection === chosen) return
    if (chosen === undefined) {
      this.#turnAway(id, new ConnectError('peer-refused', `${id} closed the connection.`))
    } else if (current !== undefined) {
      this.#take(current)
      this.#begin(id, chosen, chosen.direction)
    } else if (chosen.direction === 'outbound' && this.#hasRoom('outbound')) {
      this.#begin(id, chosen, 'outbound')
    }
  }

  #hasRoom(direction: Direction, extra = 0): boolean {
    return this.acquaintances(direction).length < this.#options.capacity[direction] + extra
  }

  async #acquaint(id: string, deadline: Deadline): Promise<Peer> {
    const current = this.#acquaintances.get(id)
    if (current?.peer !== undefined) return current.peer
    if (current === undefined) {
      const chosen = this.#table.chosen(id)
      if (chosen === undefined) throw new ConnectError('peer-refused', `${id} closed the connection at once.`)
      if (!this.#hasRoom('outbound', peerLimits.requestedPeers)) {
        throw new ConnectError('peer-limit-reached', 'This node has as many outbound peers as it takes.')
      }
      this.#begin(id, chosen, 'outbound')
    }
    return await new Promise((resolve, reject) => {
      this.#waiters.set(id, [...(this.#waiters.get(id) ?? []), { resolve, reject }])
      deadline.onAbort((cause) => {
        reject(new ConnectError('peer-refused', `${id} told no status in time.`, { cause }))
      })
    })
  }

  #begin(id: string, connection: Connection, direction: Direction): void {
    const acquaintance = { id, connection, direction, exchange: new AbortController() }
    this.#acquaintances.set(id, acquaintance)
    void this.#exchangeStatus(acquaintance)
  }

  /** Never rejects: a failure ends the acquaintance. */
  async #exchangeStatus(acquaintance: Acquaintance): Promise<void> {
    const { connection, exchange } = acquaintance
    const options = { signal: exchange.signal, timeout: peerTimes.statusExchange }
    try {
      const ours = this.#modules.ownStatus()
      const theirs = await requestStatus(connection, this.#options.specId, ours, options)
      if (this.#acquaintances.get(acquaintance.id) === acquaintance) this.#receive(acquaintance, ours, theirs)
    } catch (error) {
      this.#onExchangeFailed(acquaintance, toPeerError(error))
    }
  }

  #onExchangeFailed(acquaintance: Acquaintance, error: ChainError): void {
    const { id } = acquaintance
    if (this.#acquaintances.get(id) === acquaintance) this.#settle(id)
    if (this.#acquaintances.get(id) !== acquaintance) return
    this.#modules.log.debug({ peerId: id, error }, 'No status from a peer')
    if (error.code === 'peer-speaks-other-protocol') {
      this.#refuse(id, 'other-network')
      return
    }
    this.#part(acquaintance, new ConnectError('peer-refused', `${id} told no status: ${error.message}`))
    this.#table.close(id, 'at-once')
    this.blame(id, error)
  }

  /** A peer told its status first. */
  #answer(id: string, theirs: Status): Status {
    const ours = this.#modules.ownStatus()
    const acquaintance = this.#acquaintances.get(id) ?? this.#accept(id)
    if (acquaintance !== undefined) this.#receive(acquaintance, ours, theirs)
    return ours
  }

  #accept(id: string): Acquaintance | undefined {
    const connection = this.#table.chosen(id)
    if (connection === undefined) return undefined
    if (!this.#hasRoom('inbound')) {
      this.#modules.log.debug({ peerId: id }, 'No room for an inbound peer')
      this.#table.close(id, 'gently')
      return undefined
    }
    const acquaintance: Acquaintance = {
      id,
      connection,
      direction: 'inbound',
      exchange: new AbortController(),
    }
    this.#acquaintances.set(id, acquaintance)
    return acquaintance
  }

  #receive(acquaintance: Acquaintance, ours: Status, theirs: Status): void {
    const verdict = judgeStatus(ours, theirs)
    if (verdict !== 'relevant') this.#refuse(acquaintance.id, verdict)
    else if (acquaintance.peer === undefined) this.#admit(acquaintance, theirs)
    else {
      acquaintance.peer.status = theirs
      acquaintance.peer.statusAt = this.#modules.now()
      this.#tell({ type: 'status', peer: acquaintance.peer })
    }
  }

  #admit(acquaintance: Acquaintance, status: Status): void {
    const { id, connection, direction } = acquaintance
    const { scores, now, log } = this.#modules
    const readScore = (): number => scores.get(id, now())
    const peer = new ConnectedPeer({ id, connection, direction, status, now: now(), readScore })
    acquaintance.peer = peer
    log.info({ peerId: id, direction, agent: status.agent, height: status.height }, 'A peer is ready')
    this.#tell({ type: 'peer-ready', peer })
    for (const { resolve } of this.#takeWaiters(id)) resolve(peer)
  }

  #refuse(id: string, verdict: Exclude<StatusVerdict, 'relevant'>): void {
    const { candidates, log, scores, now } = this.#modules
    log.info({ peerId: id, verdict }, 'A peer is not of use to this node')
    if (verdict === 'self') candidates.avoid(id, Number.POSITIVE_INFINITY)
    else candidates.avoid(id, peerTimes.avoidance)
    if (verdict === 'other-network') scores.penalise(id, 'irrelevant-network', now())
    const code = verdict === 'self' ? 'peer-is-self' : 'peer-irrelevant'
    this.#turnAway(id, new ConnectError(code, `${id} is not of use to this node: ${verdict}.`))
    this.#table.close(id, 'soon')
  }

  #turnAway(id: string, error: ConnectError): void {
    const acquaintance = this.#acquaintances.get(id)
    if (acquaintance !== undefined) this.#part(acquaintance, error)
  }

  /** Ends an acquaintance and the hopes of those who wait for it. */
  #part(acquaintance: Acquaintance, error: ConnectError): void {
    const { id, peer } = acquaintance
    this.#take(acquaintance)
    this.#modules.log.debug(
      { peerId: id, why: error.message },
      peer === undefined ? 'No peer' : 'A peer is gone',
    )
    for (const { reject } of this.#takeWaiters(id)) reject(error)
  }

  #take(acquaintance: Acquaintance): void {
    this.#acquaintances.delete(acquaintance.id)
    acquaintance.exchange.abort()
    if (acquaintance.peer !== undefined) this.#tell({ type: 'peer-gone', peer: acquaintance.peer })
  }

  #takeWaiters(id: string): Waiter[] {
    const waiters = this.#waiters.get(id) ?? []
    this.#waiters.delete(id)
    return waiters
  }

  #beat(): void {
    const stale = this.#modules.now() - peerTimes.statusAge
    for (const { id, statusAt } of this.list()) if (statusAt < stale) void this.refresh(id)
    this.#modules.bans.prune()
  }

  #tell(event: PeerEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
