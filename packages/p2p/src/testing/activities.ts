/**
 * What goes on in a simulation by itself: blocks are mined, nodes come and go, connections
 * break.
 */
import type { Timer } from '../clock.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { SimulatedNode } from './simulated-node.ts'
import type { Simulation } from './simulation.ts'

/** Ends what goes on. */
export type Stop = () => void

/** How often blocks come. */
export interface MiningOptions {
  /** Mean milliseconds between two blocks of the whole network. */
  readonly interval: number
  /** Who mines; everybody unless given. */
  readonly nodes?: readonly SimulatedNode[]
}

/** Lets nodes mine, a random one each time, at the moments of a Poisson process. */
export function startMining(simulation: Simulation, { interval, nodes }: MiningOptions): Stop {
  return repeat(simulation, 'mining', interval, (random) => {
    const miners = (nodes ?? simulation.nodes).filter(({ isRunning }) => isRunning)
    if (miners.length > 0) void random.pick(miners).mine()
  })
}

/** How often nodes come and go. */
export interface ChurnOptions {
  /** Mean milliseconds between two departures. */
  readonly interval: number
  /** Mean milliseconds that a node is away. */
  readonly absence: number
  /** Who comes and goes; everybody unless given. */
  readonly nodes?: readonly SimulatedNode[]
}

/** Stops nodes, a random one each time, and starts them again later with what their stores hold. */
export function startChurn(simulation: Simulation, { interval, absence, nodes }: ChurnOptions): Stop {
  return repeat(simulation, 'churn', interval, (random) => {
    const present = (nodes ?? simulation.nodes).filter(({ isRunning }) => isRunning)
    if (present.length === 0) return
    const node = random.pick(present)
    const away = random.exponential(absence)
    void node.stop().then(() => simulation.schedule(away, () => void node.start()))
  })
}

/** How often connections break. */
export interface BreakageOptions {
  /** Mean milliseconds between two of them in the whole network. */
  readonly interval: number
}

/** Breaks connections, a random one each time. */
export function startBreakage(simulation: Simulation, { interval }: BreakageOptions): Stop {
  return repeat(simulation, 'breakage', interval, () => simulation.world.breakConnections(1))
}

function repeat(
  simulation: Simulation,
  name: string,
  interval: number,
  act: (random: SeededRandom) => void,
): Stop {
  const random = simulation.random.fork(name)
  let timer: Timer
  const wait = (): void => {
    timer = simulation.schedule(random.exponential(interval), () => {
      act(random)
      wait()
    })
  }
  wait()
  return () => timer.cancel()
}
