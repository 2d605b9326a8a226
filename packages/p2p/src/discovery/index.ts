/**
 * Discovery: finding peers without being asked.
 */
export type { DiscoveryMode } from './plan.ts'
export { rendezvousKeys } from './rendezvous.ts'
export { DiscoveryScheduler } from './scheduler.ts'
