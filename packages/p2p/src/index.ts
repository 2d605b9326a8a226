/**
 * Peers of chain on libp2p: the host, its protocols, and what runs over them.
 *
 * Not for rules or storage: both are handed in.
 */

export { type Clock, systemClock, type Timer } from './clock.ts'
export * from './dht/index.ts'
export { type DiscoveryMode, rendezvousKeys } from './discovery/index.ts'
export { PeerError, type PeerErrorCode, toPeerError } from './errors.ts'
export {
  createHost,
  createLightHost,
  type HostOptions,
  type HostServices,
  type LightHostOptions,
  type LightHostServices,
} from './host/host.ts'
export { hostLimits } from './host/host-limits.ts'
export { createIdentity, type Identity, identityFromBytes, identityToBytes } from './host/identity.ts'
export type { TrafficTotals } from './host/traffic.ts'
export { createNetwork, Network, type NetworkModules, type NetworkOptions } from './network.ts'
export type { NetworkFigures } from './network-figures.ts'
export * from './peers/index.ts'
export type {
  BlockFilter,
  ChainPort,
  FilterPort,
  KnownPeer,
  KnownPeersPort,
  LogPort,
  MempoolPort,
  PeerSource,
} from './ports.ts'
export { type BlockFinder, handleBlocks, requestBlocks } from './protocols/blocks.ts'
export {
  type FilterHeaderRange,
  type FilterHeaders,
  type FilterResponder,
  type FiltersMissing,
  type FoundFilter,
  handleFilters,
  requestFilterHeaders,
  requestFilters,
  type WantedFilter,
} from './protocols/filters.ts'
export { type HeadersResponder, handleHeaders, requestHeaders } from './protocols/headers.ts'
export { type BlockProof, handleProofs, type ProofResponder, requestProof } from './protocols/proofs.ts'
export {
  handleRelay,
  openRelay,
  RelayChannel,
  type RelayListener,
  type RelayOptions,
  type RelayServeOptions,
} from './protocols/relay.ts'
export { handleStatus, requestStatus, type StatusResponder } from './protocols/status.ts'
export { handleSubmit, requestSubmit, type SubmitResponder } from './protocols/submit.ts'
export type { FaultListener, RequestOptions, ServeOptions } from './streams/exchange.ts'
export type { SyncPhase } from './sync/sync-events.ts'
