/**
 * Discovery: finding peers without being asked.
 */
export type { DiscoveryMode } from './plan.ts'
export { findRendezvous, provideRendezvous, type RendezvousPeer, rendezvousKeys } from './rendezvous.ts'
export { type DiscoveryModules, type DiscoveryOptions, DiscoveryScheduler } from './scheduler.ts'
