/** The distributed hash table: the service of the host, and what a node does with it. */
export { dhtLimits } from './dht-limits.ts'
export {
  type FoundPeer,
  type FoundValue,
  HashTable,
  type HashTableModules,
  type PutValue,
} from './hash-table.ts'
export type { DhtOptions } from './hash-table-service.ts'
