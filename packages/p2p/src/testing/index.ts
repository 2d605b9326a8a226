/**
 * For tests of applications and experiments: networks of full nodes in one process, in a time of their own.
 *
 * Not for production code.
 */
export {
  type BreakageOptions,
  type ChurnOptions,
  type MiningOptions,
  type Stop,
  startBreakage,
  startChurn,
  startMining,
} from './activities.ts'
export { CachedVerifier } from './cached-verifier.ts'
export { type LineOptions, maxLosses } from './connection.ts'
export { constant, type Distribution, logNormal, uniform } from './distribution.ts'
export type { SimulationEvent, SimulationListener } from './event-log.ts'
export type { HostileKind } from './hostile-behaviours.ts'
export { HostilePeer } from './hostile-peer.ts'
export {
  createLoopbackNetwork,
  LoopbackNetwork,
  type LoopbackNetworkOptions,
} from './loopback-network.ts'
export { LoopbackNode } from './loopback-node.ts'
export type { MineOptions } from './node-core.ts'
export { SeededRandom } from './seeded-random.ts'
export { SimulatedNode } from './simulated-node.ts'
export { createSimulation, Simulation, type SimulationOptions } from './simulation.ts'
export type { BlockEffort } from './slow-chain.ts'
export type { Traffic } from './traffic.ts'
export { VirtualClock } from './virtual-clock.ts'
