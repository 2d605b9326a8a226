/**
 * The peers of a node: who they are, how they behave, and how to get or lose one.
 *
 * Not for finding peers (`discovery/`), nor for remembering them (`peer-recorder.ts`). Start it before the host, so that
 * no peer meets a node that does not answer `status/1`; stop it before the host.
 *
 * Source: docs/protocol/peers.md#peers
 */
import type { ChainError } from '@chain/core/errors'
import type { Goodbye } from '@chain/wire'
import { hostLimits } from '../host/host-limits.ts'
import type { PeerSource } from '../ports.ts'
import { Deadline } from '../streams/deadline.ts'
import type { AcquaintanceModules, AcquaintanceOptions } from './acquaintance.ts'
import { Acquaintances } from './acquaintances.ts'
import type { AddressScores } from './address-scores.ts'
import { ipOf, parseAddress, withoutPeerId } from './addresses.ts'
import type { BanList } from './ban-list.ts'
import type { Candidates } from './candidates.ts'
import { ClockOffsets } from './clock-offsets.ts'
import { ClockWatch } from './clock-watch.ts'
import { ConnectError } from './connect-error.ts'
import { type DialTarget, dial, namedPeerId, refuseOwn } from './dialler.ts'
import { type Farewell, farewells, farewellTo, reasonOfGoodbye, restAfterGoodbye } from './farewell.ts'
import { penaltyForFault } from './fault-penalty.ts'
import type { NamedTrouble } from './fixed-addresses.ts'
import type { KnownPeers } from './known-peers.ts'
import type { Direction, Merit, Peer, PeerEvent, PeerListener } from './peer.ts'
import { peerTimes } from './peer-limits.ts'
import type { PartingManner } from './penalise.ts'
import { banScore, disconnectScore, type PenaltyReason, type ScoreBook, savedScore } from './score.ts'
import type { StatusVerdict } from './status-check.ts'
import { Strangers } from './strangers.ts'

/** What a peer set works with. */
export interface PeerSetModules extends AcquaintanceModules {
  readonly known: KnownPeers
  readonly bans: BanList
  readonly scores: ScoreBook
  readonly addressScores: AddressScores
  readonly candidates: Candidates
  /** Milliseconds since some moment, never going back: for scores. */
  readonly steady: () => number
}

/** How a peer set is to behave. */
export type PeerSetOptions = AcquaintanceOptions

/** What a caller may change about connecting. */
export interface ConnectOptions {
  /** How the peer became known; the operator by default. */
  readonly source?: PeerSource
  /** Gives up. */
  readonly signal?: AbortSignal
}

/** Whom a node may connect to, and what went wrong with it. */
export interface PeerProspects {
  /** Addresses that were named and at which there is no peer, those of the operator first. */
  readonly troubles: readonly NamedTrouble[]
  /** Why the last peer was of no use, since one was. */
  readonly lastRefusal: string | undefined
  /** Whether there is anybody whom it may dial, now or later. */
  readonly hasCandidates: boolean
  /** Whether there is anybody whom it may not dial because of a ban. */
  readonly hasBanned: boolean
}

/** The peers of a node. */
export class PeerSet {
  readonly #modules: PeerSetModules
  readonly #acquaintances: Acquaintances
  readonly #strangers: Strangers
  readonly #listeners = new Set<PeerListener>()
  readonly #clocks = new ClockOffsets()
  #lastRefusal: string | undefined
  readonly #watch: ClockWatch
  #heartbeat: ReturnType<typeof setInterval> | undefined

  constructor(options: PeerSetOptions, modules: PeerSetModules) {
    this.#modules = modules
    this.#watch = new ClockWatch(modules.now, modules.steady)
    this.#acquaintances = new Acquaintances(options, modules, {
      onEvent: (event) => this.#tell(event),
      onFault: (peerId, error) => this.blame(peerId, error),
      onRefused: (peerId, verdict, why) => this.#onRefused(peerId, verdict, why),
      onGoodbye: (peerId, goodbye) => this.#onGoodbye(peerId, goodbye),
      onClock: (peerId, seconds) => this.#onClock(peerId, seconds),
      isNamed: (peerId) => modules.candidates.isNamed(peerId),
      isResting: (peerId) => modules.candidates.isResting(peerId),
      readScore: (peerId) => modules.scores.get(peerId, modules.steady()),
    })
    this.#strangers = new Strangers(options.capacity.unacquainted, {
      host: modules.host,
      isAcquainted: (peerId) => this.#acquaintances.has(peerId),
      log: modules.log,
    })
  }

  /** Answers `status/1` and makes peers of connections from now on. */
  async start(): Promise<void> {
    const { scores, known, now, steady } = this.#modules
    for (const row of known.list()) scores.set(row.peerId, savedScore(row, now()), steady())
    this.#heartbeat = setInterval(() => this.#beat(), peerTimes.heartbeat)
    await this.#acquaintances.start()
    this.#strangers.start()
  }

  /** Parts from all peers. Resolves when they have been told and all is saved. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat)
    this.#strangers.stop()
    await this.#acquaintances.stop()
    await this.#modules.known.settled()
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: PeerListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All peers, the oldest first. */
  list(): Peer[] {
    return this.#acquaintances.peers()
  }

  /** The peer with this id, or `undefined`. */
  get(peerId: string): Peer | undefined {
    return this.#acquaintances.peer(peerId)
  }

  /** Ids of peers and of connections that are about to become peers. */
  acquaintances(direction?: Direction): string[] {
    return this.#acquaintances.ids(direction)
  }

  /**
   * Connects to a peer by its id or its addresses and exchanges status; resolves at once when it is a peer already.
   * A peer that was avoided is tried again when the operator asks. What is under way when the host stops is rejected.
   *
   * @throws {ConnectError}
   */
  async connect(target: DialTarget, { source = 'connect', signal }: ConnectOptions = {}): Promise<Peer> {
    const named = namedPeerId(target)
    if (source === 'connect' && named !== undefined) this.#modules.candidates.welcome(named)
    const deadline = new Deadline(hostLimits.dial + peerTimes.statusExchange, signal)
    try {
      const { remotePeer, remoteAddr, direction } = await dial(this.#modules.host, target, deadline.signal)
      const id = remotePeer.toString()
      if (direction === 'outbound') this.#modules.candidates.heard(id, [withoutPeerId(remoteAddr)], source)
      return await this.#acquaintances.acquaint(id, deadline)
    } finally {
      deadline.dispose()
    }
  }

  /**
   * Adds an address to which a connection is to be held for ever, avoided or not; says whether it was not there.
   *
   * @throws {ConnectError} `address-malformed`, `peer-is-self`, `peer-banned`
   */
  add(address: string): boolean {
    const { host, bans, candidates } = this.#modules
    refuseOwn(host, address)
    const peerId = namedPeerId([address])
    const banned = [peerId, ipOf(parseAddress(address))].find(
      (one) => one !== undefined && bans.isBanned(one),
    )
    if (banned !== undefined) throw new ConnectError('peer-banned', `${banned} is banned: unban it first.`)
    if (peerId !== undefined) candidates.welcome(peerId)
    return candidates.addFixed(address, 'connect')
  }

  /**
   * Takes back an address of {@link add}; says whether it was there. A connection stays.
   *
   * @throws {ConnectError} `address-malformed`
   */
  remove(address: string): boolean {
    return this.#modules.candidates.removeFixed(address)
  }

  /** Why nobody may be connected: what is known of those whom this node has tried. */
  get prospects(): PeerProspects {
    const { candidates } = this.#modules
    return {
      troubles: candidates.troubles,
      lastRefusal: this.#lastRefusal,
      hasCandidates: candidates.hasAny,
      hasBanned: candidates.hasBanned,
    }
  }

  /** What this node tells others that it serves: a bit set of `serviceFlags`. */
  get services(): number {
    return this.#modules.ownStatus().services
  }

  /** Seconds by which the clocks of most outbound peers are ahead of ours; 0 when too few are known. */
  get clockOffset(): number {
    return this.#clocks.median
  }

  /** Whether our clock seems to be wrong. */
  get isClockSuspect(): boolean {
    return this.#clocks.isSuspect
  }

  /** A peer was the first to bring a block or a transaction: a reason to keep it. */
  credit(peerId: string, merit: Merit): void {
    this.#acquaintances.credit(peerId, merit)
  }

  /** Tells a peer why, and closes all connections with it; it may come back. */
  disconnect(peerId: string, farewell: Farewell = farewells.operator): void {
    this.#acquaintances.disconnect(peerId, farewell)
  }

  /**
   * Takes points from a peer; disconnects or bans it when it has lost too many. `detail` is for the log. One that is to be
   * disconnected `soon` is no peer any more, but may read what was sent to it; a ban never waits.
   */
  penalise(peerId: string, reason: PenaltyReason, detail: string, manner?: PartingManner): void {
    const { scores, addressScores, known, steady, log } = this.#modules
    const score = scores.penalise(peerId, reason, steady())
    addressScores.penalise(peerId, reason, steady())
    log.info({ peerId, reason, detail, score }, 'A peer lost points')
    if (known.get(peerId) !== undefined) known.update(peerId, { score })
    if (score <= banScore) this.ban(peerId, peerTimes.ban, reason)
    else if (score <= disconnectScore) this.#acquaintances.disconnect(peerId, farewellTo(reason), manner)
  }

  /** Penalises a peer for a failed exchange, when that was its fault. */
  blame(peerId: string, error: ChainError): void {
    const reason = penaltyForFault(error)
    if (reason !== undefined) this.penalise(peerId, reason, error.message)
  }

  /** Bans a peer id or an IP address for some milliseconds, over restarts too, and closes its connections. */
  ban(subject: string, milliseconds: number, reason: string): void {
    const { host, bans, scores, known, steady, log } = this.#modules
    bans.ban(subject, milliseconds, reason)
    log.info({ subject, milliseconds, reason }, 'Banned')
    scores.set(subject, 0, steady())
    if (known.get(subject) !== undefined) known.update(subject, { score: 0 })
    for (const { remotePeer, remoteAddr } of host.getConnections()) {
      const peerId = remotePeer.toString()
      if (peerId === subject || ipOf(remoteAddr) === subject) this.disconnect(peerId, farewellTo(reason))
    }
  }

  /** Lifts a ban; says whether there was one. */
  unban(subject: string): boolean {
    return this.#modules.bans.unban(subject)
  }

  /** Resolves when bans and all else that is kept over restarts is written. */
  async saved(): Promise<void> {
    await this.#modules.known.settled()
  }

  /** Asks a peer for its status again; a peer that does not answer is parted from. */
  async refresh(peerId: string): Promise<Peer | undefined> {
    await this.#acquaintances.refresh(peerId)
    return this.get(peerId)
  }

  #onRefused(peerId: string, verdict: Exclude<StatusVerdict, 'relevant'>, why: string): void {
    if (verdict !== 'self') this.#lastRefusal = why
    const { candidates, scores, steady } = this.#modules
    candidates.avoid(peerId, verdict === 'self' ? Number.POSITIVE_INFINITY : peerTimes.avoidance)
    if (verdict === 'other-network') scores.penalise(peerId, 'irrelevant-network', steady())
    if (verdict === 'absurd') this.penalise(peerId, 'protocol-violation', 'Its status describes no chain.')
  }

  #onGoodbye(peerId: string, goodbye: Goodbye): void {
    const { candidates, log } = this.#modules
    const reason = reasonOfGoodbye(goodbye)
    // Feelers come all the time, and that a peer is gone is told with its sentence.
    const level = reason === 'done' ? 'debug' : 'info'
    log[level](
      { peerId, reason: reason ?? goodbye.reason, sentence: goodbye.sentence },
      'A peer says goodbye',
    )
    if (reason !== undefined) candidates.rest(peerId, restAfterGoodbye[reason])
  }

  #onClock(peerId: string, seconds: number): void {
    const wasSuspect = this.#clocks.isSuspect
    this.#clocks.add(peerId, seconds)
    if (wasSuspect || !this.#clocks.isSuspect) return
    const data = { seconds: this.#clocks.median }
    this.#modules.log.warn(data, 'The clocks of most peers differ from the clock of this machine: check it')
  }

  #beat(): void {
    const jump = this.#watch.look()
    if (jump !== 0) this.#onClockSet(jump)
    const stale = jump === 0 ? this.#modules.now() - peerTimes.statusAge : Number.POSITIVE_INFINITY
    for (const { id, statusAt } of this.list()) if (statusAt < stale) void this.refresh(id)
    this.#strangers.partFromIdle(this.#modules.now())
    this.#modules.bans.prune()
  }

  /** Whom we found wrong may have been right. */
  #onClockSet(milliseconds: number): void {
    const seconds = Math.round(milliseconds / 1_000)
    this.#modules.log.warn({ seconds }, 'The clock of this machine was set, or the machine slept')
    this.#clocks.clear()
    this.#modules.candidates.reconsider()
  }

  #tell(event: PeerEvent): void {
    if (event.type === 'peer-ready') this.#lastRefusal = undefined
    for (const listener of this.#listeners) listener(event)
  }
}
