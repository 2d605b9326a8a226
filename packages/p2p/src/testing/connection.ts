/**
 * A connection between two participants: how long frames take on it, and that it can be cut or closed.
 *
 * It loses nothing while it is open, like TCP: a frame that is lost on the way is sent again, and comes later.
 */
import { PeerError } from '../errors.ts'
import { hostLimits } from '../host/host-limits.ts'
import type { Distribution } from './distribution.ts'
import { Lane } from './lane.ts'
import type { Participant } from './participant.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What the lines between participants are like. */
export interface LineOptions {
  /** Milliseconds one way, drawn once for each connection. */
  readonly latency: Distribution
  /** Milliseconds that a single frame takes longer; none when absent. */
  readonly jitter?: Distribution
  /** Probability that a frame is lost and sent again, 0 when absent. One that is lost {@link maxLosses} times ends the connection. */
  readonly loss?: number
}

/** A frame that is lost so often in a row ends its connection. */
export const maxLosses = 8

/** Milliseconds after which a lost frame is sent again at the earliest; twice as long after each further loss. Source: RFC 6298, as Linux has it. */
const leastRetransmission = 200

/** Milliseconds after which a connection that was cut is given up: a ping is due, and gets no answer. */
const cutPatience: number = hostLimits.pingInterval + hostLimits.pingTimeout

/** What a connection works with. */
export interface ConnectionModules {
  readonly clock: VirtualClock
  readonly random: SeededRandom
  /** Called once, when the first side knows that it is over. */
  readonly onOver: (connection: SimulatedConnection) => void
  /** A frame has come. */
  readonly onFrame: (to: Participant, from: Participant, protocol: string, bytes: number) => void
}

/** Something that ends with its connection, on one side. */
export interface Dependant {
  fail(error: Error): void
}

/** A connection and its two ends. */
export class SimulatedConnection {
  readonly dialler: Participant
  readonly listener: Participant
  /** Milliseconds one way. */
  readonly latency: number
  readonly modules: ConnectionModules
  readonly #line: LineOptions
  /** Streams by the side on which they end. */
  readonly #dependants = new Map<Participant, Set<Dependant>>()
  /** Sides that do not know yet that it is over. */
  readonly #open: Set<Participant>
  /** Frames that wait for the line to heal. */
  #held: (() => void)[] | undefined

  constructor(dialler: Participant, listener: Participant, line: LineOptions, modules: ConnectionModules) {
    this.dialler = dialler
    this.listener = listener
    this.latency = line.latency(modules.random)
    this.modules = modules
    this.#line = line
    this.#open = new Set([dialler, listener])
  }

  /** Whether neither side has closed it. */
  get isOpen(): boolean {
    return this.#open.size === 2
  }

  /** The other one. */
  otherOf(one: Participant): Participant {
    return one === this.dialler ? this.listener : this.dialler
  }

  /** One direction of a stream. */
  lane(from: Participant, protocol: string): Lane {
    return new Lane(this, from, this.otherOf(from), protocol)
  }

  /** Milliseconds that the next frame takes, or `undefined` when it cannot be brought over. */
  drawDelay(): number | undefined {
    const { random } = this.modules
    const { jitter, loss = 0 } = this.#line
    let delay = this.latency + (jitter?.(random) ?? 0)
    let retransmission = Math.max(leastRetransmission, 3 * this.latency)
    for (let losses = 0; loss > 0 && random.next() < loss; losses++) {
      if (losses === maxLosses) return undefined
      delay += retransmission
      retransmission *= 2
    }
    return delay
  }

  /** Something comes out of the line: at once, when the line heals, or never when the connection is over. */
  emerge(arrive: () => void): void {
    if (!this.isOpen) return
    if (this.#held === undefined) arrive()
    else this.#held.push(arrive)
  }

  /** From now on nothing comes through; when that lasts, both sides give up. */
  cut(): void {
    if (this.#held !== undefined || !this.isOpen) return
    const held: (() => void)[] = []
    this.#held = held
    this.modules.clock.setTimer(cutPatience, () => {
      if (this.#held === held) this.fail('The other side does not answer any more.')
    })
  }

  /** What was held comes through. */
  heal(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const arrive of held) this.modules.clock.setTimer(0, () => this.emerge(arrive))
  }

  /** Makes something end with the connection on the side of `owner`; returns the function that lets go of it. */
  attach(owner: Participant, dependant: Dependant): () => void {
    const dependants = this.#dependants.get(owner) ?? new Set()
    this.#dependants.set(owner, dependants)
    if (this.#open.has(owner)) dependants.add(dependant)
    else dependant.fail(overError())
    return () => dependants.delete(dependant)
  }

  /** One side closes it; the other one learns it from the line, or by itself when the line is cut. */
  close(side: Participant): void {
    if (!this.isOpen) return
    this.#endFor(side, overError())
    const other = this.otherOf(side)
    const delay = this.#held === undefined ? this.latency : cutPatience
    this.modules.clock.setTimer(delay, () => this.#endFor(other, overError()))
  }

  /** It breaks: both sides notice at once. */
  fail(sentence: string): void {
    for (const side of [this.dialler, this.listener]) {
      this.#endFor(side, new PeerError('peer-reset', sentence))
    }
  }

  #endFor(side: Participant, error: Error): void {
    const isFirst = this.isOpen
    if (!this.#open.delete(side)) return
    if (isFirst) this.modules.onOver(this)
    for (const dependant of [...(this.#dependants.get(side) ?? [])]) dependant.fail(error)
    this.#dependants.delete(side)
    side.onClosed(this)
  }
}

function overError(): PeerError {
  return new PeerError('peer-closed', 'The connection is closed.')
}
