/**
 * The peers of a simulated node: keeps connections to so many others, exchanges status with them, and parts from those who
 * lose too many points.
 *
 * It stands in for `peers/` and `discovery/`, which are about sockets and addresses; status, scores and their thresholds are
 * theirs.
 */
import type { ChainError } from '@chain/core/errors'
import { decodeStatus, encodeStatus, type Status, timeLimits } from '@chain/wire'
import type { Timer } from '../clock.ts'
import { PeerError, toPeerError } from '../errors.ts'
import { penaltyForFault } from '../peers/fault-penalty.ts'
import type { Direction } from '../peers/peer.ts'
import { defaultCapacity, peerTimes } from '../peers/peer-limits.ts'
import type { PartingManner } from '../peers/penalise.ts'
import { banScore, disconnectScore, type PenaltyReason, ScoreBook } from '../peers/score.ts'
import { judgeStatus } from '../peers/status-check.ts'
import type { SimulatedConnection } from './connection.ts'
import type { Participant } from './participant.ts'
import type { SeededRandom } from './seeded-random.ts'
import { requestFrame } from './simulated-sync-peer.ts'
import type { World } from './world.ts'

/** Milliseconds after which somebody who could not be reached, or who has left, is dialled again at the earliest. */
const redialDelay = 10_000

/** Somebody who has told a status. */
export interface NodePeer {
  readonly id: string
  readonly connection: SimulatedConnection
  readonly direction: Direction
  status: Status
  statusAt: number
}

/** What the peers of a node work with. */
export interface NodePeersModules {
  readonly world: World
  readonly self: Participant
  readonly random: SeededRandom
  readonly ownStatus: () => Status
  readonly onReady: (peer: NodePeer) => void
  readonly onStatus: (peer: NodePeer) => void
  readonly onGone: (id: string) => void
}

/** Peers, and connections that are about to become peers. Bound: the target and `defaultCapacity.inbound`. */
export class NodePeers {
  readonly #modules: NodePeersModules
  readonly #target: number
  readonly #scores = new ScoreBook()
  readonly #bannedUntil = new Map<string, number>()
  /** When somebody may be dialled again. */
  readonly #avoidedUntil = new Map<string, number>()
  readonly #dialling = new Set<string>()
  readonly #connections = new Map<string, SimulatedConnection>()
  readonly #peers = new Map<string, NodePeer>()
  #heartbeat: Timer | undefined
  #refill: Timer | undefined
  #isStopped = false

  /** @param target - peers that the node chooses itself */
  constructor(target: number, modules: NodePeersModules) {
    this.#target = target
    this.#modules = modules
  }

  /** Ids of all peers, the oldest first. */
  get ids(): string[] {
    return [...this.#peers.keys()]
  }

  /** The peer with an id, or `undefined`. */
  get(id: string): NodePeer | undefined {
    return this.#peers.get(id)
  }

  /** Points of a peer, 0 for who behaves. */
  score(id: string): number {
    return this.#scores.get(id, this.#now())
  }

  /** Looks for peers from now on. */
  start(): void {
    this.#beat()
    this.#fill()
  }

  /** Parts from everybody. */
  stop(): void {
    this.#isStopped = true
    this.#heartbeat?.cancel()
    this.#refill?.cancel()
    for (const connection of [...this.#connections.values()]) connection.close(this.#modules.self)
  }

  /** Dials somebody, whatever the target is. */
  dial(id: string): void {
    const { world, self } = this.#modules
    this.#dialling.add(id)
    world.dial(self, id, (connection) => {
      this.#dialling.delete(id)
      if (connection === undefined) this.#avoid(id)
      else if (this.#isStopped || this.#connections.has(id)) connection.close(self)
      else {
        this.#connections.set(id, connection)
        void this.#exchangeStatus(connection)
      }
      this.#fill()
    })
  }

  /** Whether somebody may connect. When two dial each other, the connection of the lesser id stays. */
  admits(id: string): boolean {
    if (this.#connections.has(id) || this.#isUnwelcome(id)) return false
    if (this.#dialling.has(id) && this.#modules.self.id < id) return false
    return this.#connections.size - this.#outbound() < defaultCapacity.inbound
  }

  /** Somebody has connected. */
  onConnection(connection: SimulatedConnection): void {
    this.#connections.set(connection.dialler.id, connection)
  }

  /** A connection is over. */
  onClosed(connection: SimulatedConnection): void {
    const { id } = connection.otherOf(this.#modules.self)
    if (this.#connections.get(id) !== connection) return
    this.#connections.delete(id)
    this.#avoid(id)
    if (this.#peers.delete(id)) {
      this.#modules.world.log.add({ type: 'disconnected', node: this.#modules.self.id, peer: id })
      this.#modules.onGone(id)
    }
    this.#fill()
  }

  /** Answers a peer's status. */
  answerStatus(frame: Uint8Array, connection: SimulatedConnection): Uint8Array {
    this.#learn(connection, decodeStatus(frame))
    return encodeStatus(this.#modules.ownStatus())
  }

  /** Takes points; see `Penalise`. */
  readonly penalise = (id: string, reason: PenaltyReason, detail: string, manner?: PartingManner): void => {
    const { world, self } = this.#modules
    world.log.add({ type: 'penalty', node: self.id, peer: id, reason, detail })
    const score = this.#scores.penalise(id, reason, this.#now())
    if (score <= banScore) this.#bannedUntil.set(id, this.#now() + peerTimes.ban)
    if (score > disconnectScore) return
    const part = (): void => this.#connections.get(id)?.close(self)
    if (manner === 'soon') world.clock.setTimer(peerTimes.closingGrace, part)
    else part()
  }

  /** An exchange with a peer has failed. */
  blame(id: string, error: ChainError): void {
    const reason = penaltyForFault(error)
    if (reason !== undefined) this.penalise(id, reason, error.message)
  }

  #now(): number {
    return this.#modules.world.clock.now()
  }

  #outbound(): number {
    const mine = [...this.#connections.values()].filter(({ dialler }) => dialler === this.#modules.self)
    return mine.length
  }

  #isUnwelcome(id: string): boolean {
    return (this.#bannedUntil.get(id) ?? 0) > this.#now() || this.score(id) <= disconnectScore
  }

  #avoid(id: string): void {
    this.#avoidedUntil.set(id, this.#now() + redialDelay)
  }

  /** Dials until there are enough; looks again later when there is nobody left to dial. */
  #fill(): void {
    if (this.#isStopped) return
    this.#refill?.cancel()
    const lacking = this.#target - this.#outbound() - this.#dialling.size
    if (lacking <= 0) return
    const { world, self, random } = this.#modules
    const others = world.ids.filter((id) => id !== self.id && this.#isDiallable(id))
    const chosen = random.sample(others, lacking)
    for (const id of chosen) this.dial(id)
    if (chosen.length < lacking) this.#refill = world.clock.setTimer(redialDelay, () => this.#fill())
  }

  #isDiallable(id: string): boolean {
    if (this.#connections.has(id) || this.#dialling.has(id) || this.#isUnwelcome(id)) return false
    return (this.#avoidedUntil.get(id) ?? 0) <= this.#now()
  }

  async #exchangeStatus(connection: SimulatedConnection): Promise<void> {
    const { self, ownStatus } = this.#modules
    const { id } = connection.otherOf(self)
    const request = { protocol: 'status/1', frame: encodeStatus(ownStatus()), timeout: timeLimits.answer }
    try {
      this.#learn(connection, decodeStatus(await requestFrame(connection, self, request)))
    } catch (error) {
      this.blame(id, toPeerError(error))
      connection.close(self)
    }
  }

  /** @throws {PeerError} `peer-closed` when the peer is of no use */
  #learn(connection: SimulatedConnection, status: Status): void {
    const { world, self, ownStatus, onReady, onStatus } = this.#modules
    const { id } = connection.otherOf(self)
    if (this.#connections.get(id) !== connection || !connection.isOpen) return
    if (judgeStatus(ownStatus(), status) !== 'relevant')
      throw new PeerError('peer-closed', `${id} is no peer of this network.`)
    const known = this.#peers.get(id)
    if (known !== undefined) {
      known.status = status
      known.statusAt = this.#now()
      onStatus(known)
      return
    }
    const direction = connection.dialler === self ? 'outbound' : 'inbound'
    const peer: NodePeer = { id, connection, direction, status, statusAt: this.#now() }
    this.#peers.set(id, peer)
    world.log.add({ type: 'connected', node: self.id, peer: id })
    onReady(peer)
  }

  #beat(): void {
    this.#heartbeat = this.#modules.world.clock.setTimer(peerTimes.heartbeat, () => {
      for (const { connection, statusAt } of this.#peers.values()) {
        if (this.#now() - statusAt >= peerTimes.statusAge) void this.#exchangeStatus(connection)
      }
      this.#beat()
    })
  }
}
