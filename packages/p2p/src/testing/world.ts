/**
 * Where a simulation takes place: its time, its chance, who is there, and which lines hold between them.
 */
import { hostLimits } from '../host/host-limits.ts'
import { type LineOptions, SimulatedConnection } from './connection.ts'
import type { Distribution } from './distribution.ts'
import { EventLog } from './event-log.ts'
import type { Participant } from './participant.ts'
import type { SeededRandom } from './seeded-random.ts'
import { Uplink } from './uplink.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Round trips until a connection is there: TCP, the hand-shake of noise, and agreeing on it and on the multiplexer. */
const handshakeRoundTrips = 4

/** What the lines of a world are like. */
export interface WorldOptions {
  readonly line: LineOptions
  /** Bytes per second that a participant can send; any number when absent. */
  readonly bandwidth?: Distribution | undefined
}

/** What a world is made of. */
export interface WorldModules {
  readonly clock: VirtualClock
  readonly random: SeededRandom
}

/** All participants, and the connections between them. Bound: what the simulation adds. */
export class World {
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly log: EventLog
  readonly #options: WorldOptions
  readonly #participants = new Map<string, Participant>()
  readonly #connections = new Set<SimulatedConnection>()
  /** The island of each participant while the world is parted. */
  #islands: ReadonlyMap<string, number> | undefined

  constructor(options: WorldOptions, { clock, random }: WorldModules) {
    this.clock = clock
    this.random = random
    this.log = new EventLog(clock.now)
    this.#options = options
  }

  /** Ids of all who take part, running or not, in the order in which they came. */
  get ids(): string[] {
    return [...this.#participants.keys()]
  }

  /** Somebody is here from now on. */
  add(participant: Participant): void {
    this.#participants.set(participant.id, participant)
  }

  /** The line of a participant to all others. */
  createUplink(id: string): Uplink {
    return new Uplink(this.clock, this.#options.bandwidth?.(this.random.fork(`bandwidth of ${id}`)))
  }

  /** Tries to connect; `onEnd` gets nothing when the other one is away, cannot be reached, or does not want to. */
  dial(from: Participant, id: string, onEnd: (connection: SimulatedConnection | undefined) => void): void {
    const to = this.#participants.get(id)
    if (to === undefined || !this.#isReachable(from.id, id)) {
      this.clock.setTimer(hostLimits.dial, () => onEnd(undefined))
      return
    }
    const connection = this.#createConnection(from, to)
    this.clock.setTimer(2 * handshakeRoundTrips * connection.latency, () => {
      if (!from.isRunning || !to.isRunning || !this.#isReachable(from.id, id) || !to.admits(from.id)) {
        onEnd(undefined)
        return
      }
      this.#connections.add(connection)
      to.onConnection(connection)
      onEnd(connection)
    })
  }

  /** Parts the world: between islands nothing comes through. Whoever is on none of them is alone. */
  part(islands: readonly (readonly string[])[]): void {
    this.#islands = new Map(islands.flatMap((ids, island) => ids.map((id) => [id, island] as const)))
    for (const connection of this.#connections) {
      if (this.#isReachable(connection.dialler.id, connection.listener.id)) connection.heal()
      else connection.cut()
    }
  }

  /** Everybody can reach everybody again. */
  unite(): void {
    this.#islands = undefined
    for (const connection of this.#connections) connection.heal()
  }

  /** So many connections break, chosen at random. */
  breakConnections(count: number): void {
    for (const connection of this.random.sample([...this.#connections], count)) {
      connection.fail('The connection broke.')
    }
  }

  #isReachable(a: string, b: string): boolean {
    if (this.#islands === undefined) return true
    const island = this.#islands.get(a)
    return island !== undefined && island === this.#islands.get(b)
  }

  #createConnection(dialler: Participant, listener: Participant): SimulatedConnection {
    return new SimulatedConnection(dialler, listener, this.#options.line, {
      clock: this.clock,
      random: this.random,
      onOver: (connection) => this.#connections.delete(connection),
      onFrame: (to, from, protocol, bytes) => {
        this.log.add({ type: 'frame', node: to.id, from: from.id, protocol, bytes })
      },
    })
  }
}
