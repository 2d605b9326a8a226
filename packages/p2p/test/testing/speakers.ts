/** Two participants that say what a test tells them to, and a way to let time pass between them. */
import { setImmediate } from 'node:timers/promises'
import { SeededRandom, type SimulationEvent, VirtualClock } from '@chain/p2p/testing'
import type { SimulatedConnection } from '../../src/testing/connection.ts'
import type { Participant } from '../../src/testing/participant.ts'
import { Traffic } from '../../src/testing/traffic.ts'
import type { Uplink } from '../../src/testing/uplink.ts'
import { World, type WorldOptions } from '../../src/testing/world.ts'

/** Answers every request with `answer`, and remembers which connections are over. */
export class Speaker implements Participant {
  readonly id: string
  readonly uplink: Uplink
  readonly traffic = new Traffic()
  readonly isRunning = true
  readonly closed: SimulatedConnection[] = []
  readonly faults: string[] = []
  answer: (request: Uint8Array) => AsyncIterable<Uint8Array> = async function* (request) {
    yield request
  }

  constructor(id: string, world: World) {
    this.id = id
    this.uplink = world.createUplink(id)
    world.add(this)
  }

  admits(): boolean {
    return true
  }

  onConnection(): void {
    // A test gets the connection from whom it lets dial.
  }

  onRelay(): void {
    // Speakers do not relay.
  }

  onClosed(connection: SimulatedConnection): void {
    this.closed.push(connection)
  }

  onFault(_connection: SimulatedConnection, error: { readonly code: string }): void {
    this.faults.push(error.code)
  }

  serve(_protocol: string, request: Uint8Array): AsyncIterable<Uint8Array> {
    return this.answer(request)
  }
}

/** Two speakers with a connection, and their time. */
export interface Stage {
  readonly world: World
  readonly alice: Speaker
  readonly bob: Speaker
  readonly connection: SimulatedConnection
  readonly events: SimulationEvent[]
  readonly now: () => number
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>
}

export async function setStage(options: WorldOptions): Promise<Stage> {
  const clock = new VirtualClock(0)
  const world = new World(options, { clock, random: new SeededRandom('stage') })
  const events: SimulationEvent[] = []
  world.log.subscribe((event) => events.push(event))
  const [alice, bob] = [new Speaker('alice', world), new Speaker('bob', world)]
  const pass = async (milliseconds: number): Promise<void> => {
    const end = clock.now() + milliseconds
    do await setImmediate()
    while (clock.advance(end))
  }
  const connections: SimulatedConnection[] = []
  world.dial(alice, 'bob', (connection) => {
    if (connection !== undefined) connections.push(connection)
  })
  await pass(10_000)
  const [connection] = connections
  if (connection === undefined) throw new Error('Nothing is in the way of the two.')
  return { world, alice, bob, connection, events, now: clock.now, pass }
}
