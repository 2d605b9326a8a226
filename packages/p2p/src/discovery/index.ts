/**
 * Discovery: finding peers without being asked.
 */
export { Discovery } from './discovery.ts'
export type { DiscoveryMode } from './plan.ts'
export { rendezvousKeys } from './rendezvous.ts'
