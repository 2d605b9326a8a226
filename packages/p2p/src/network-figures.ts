/**
 * How much a node holds for its network: the numbers that must not grow while it runs.
 *
 * Not for what peers are and do (`peers/`), nor for how they are shown.
 */
import type { Libp2p } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import { providerPrefix, valuePrefix } from './dht/hash-table-store.ts'

/** What a node holds at a moment. */
export interface NetworkFigures {
  readonly connections: number
  /** Open streams of all connections. */
  readonly streams: number
  /** Peers that are remembered, connected or not. */
  readonly knownPeers: number
  /** Provider records that this node keeps for the network. */
  readonly providerRecords: number
  /** Values that this node keeps for the network. */
  readonly values: number
}

/** Counts what a host and its datastore hold. */
export async function measureHost(
  host: Libp2p,
  datastore: Datastore,
): Promise<Omit<NetworkFigures, 'knownPeers'>> {
  const connections = host.getConnections()
  return {
    connections: connections.length,
    streams: connections.reduce((sum, { streams }) => sum + streams.length, 0),
    providerRecords: await countKeys(datastore, providerPrefix),
    values: await countKeys(datastore, valuePrefix),
  }
}

async function countKeys(datastore: Datastore, prefix: string): Promise<number> {
  let count = 0
  for await (const _ of datastore.queryKeys({ prefix })) count += 1
  return count
}
