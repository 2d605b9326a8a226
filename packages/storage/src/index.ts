/**
 * The data directory of a node: chain store, libp2p datastore and known peers in one LMDB file, under one lock.
 */
export { type SalvagedBlock, salvageBlocks } from './data-file/salvage-blocks.ts'
export { type BlockFilter, FilterIndex } from './filter-index.ts'
export { type FollowIndexOptions, followIndex, type IndexFollowing } from './follow-index.ts'
export type { KnownPeer, KnownPeerSource } from './known-peer.ts'
export { KnownPeers, type KnownPeersOptions, MAX_KNOWN_PEERS } from './known-peers.ts'
export { DATA_FILE, SCHEMA_VERSION } from './layout.ts'
export { type HeldCoins, LmdbChainStore } from './lmdb-chain-store.ts'
export { LmdbDatastore } from './lmdb-datastore.ts'
export { type DirectoryLock, lockDirectory } from './lock.ts'
export { type DataStore, type OpenStoreOptions, openStore } from './open-store.ts'
export { type FoundBlock, rebuildStore, type StoreRebuild } from './rebuild-store.ts'
export { TransactionIndex, type TransactionPlace } from './transaction-index.ts'
