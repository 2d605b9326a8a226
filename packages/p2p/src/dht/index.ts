/** The distributed hash table: the service of the host, and what a node does with it. */
export { dhtLimits } from './dht-limits.ts'
export { type FoundPeer, HashTable } from './hash-table.ts'
export type { DhtOptions } from './hash-table-service.ts'
export type { FoundValue, HashTableModules, PutValue } from './values.ts'
