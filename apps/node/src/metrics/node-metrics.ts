/**
 * The numbers of a node for Prometheus: read when somebody asks, from what `status` shows as well.
 *
 * Not for serving them (`metrics-server.ts`). Names and units follow Prometheus' conventions: base units, `_total` for what
 * only grows, and labels of a few values each that can be added up.
 */
import type { Network, NetworkFigures, SyncPhase } from '@chain/p2p'
import { Counter, Gauge, type MetricConfiguration, Registry } from 'prom-client'
import type { LoopLagMonitor } from '../loop-lag.ts'
import type { NodeStatus } from '../node-status.ts'
import { agent } from '../version.ts'

/** What the numbers are read from. */
export interface MetricsModules {
  readonly status: () => NodeStatus
  readonly network: Pick<Network, 'peers' | 'bans' | 'syncPhase' | 'peersAhead' | 'measure' | 'traffic'>
  readonly verifier: { readonly name: string; readonly count: number }
  readonly lag: LoopLagMonitor
}

const figures: readonly (readonly [key: keyof NetworkFigures, name: string, help: string])[] = [
  ['connections', 'chain_connections', 'Open connections, of peers and others.'],
  ['streams', 'chain_streams', 'Open streams of all connections.'],
  ['knownPeers', 'chain_known_peers', 'Peers that are remembered, connected or not.'],
  ['providerRecords', 'chain_provider_records', 'Provider records that are kept for the hash table.'],
  ['values', 'chain_hash_table_values', 'Values that are kept for the hash table.'],
]

const phases: readonly SyncPhase[] = ['no-peers', 'headers', 'blocks', 'stalled', 'synced']

/** Makes the registry of a node; other nodes in the process have their own. */
export function createNodeMetrics({ status, network, verifier, lag }: MetricsModules): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, read: () => number): void => {
    add(registry, name, help, [], (metric) => metric.set(read()))
  }
  gauge('chain_height', 'Height of the active chain.', () => status().height)
  gauge('chain_headers_height', 'Height of the best known header.', () => status().headers)
  gauge('chain_tip_timestamp_seconds', 'Unix time in the header of the best block.', () => status().tipTime)
  gauge('chain_blocks_bytes', 'Bytes of blocks and undo data on the disk.', () => status().blocks.bytes)
  gauge('chain_mempool_transactions', 'Waiting transactions.', () => status().mempool.transactions)
  gauge('chain_mempool_bytes', 'Virtual bytes of waiting transactions.', () => status().mempool.bytes)
  gauge('chain_peers_ahead', 'Peers that claim a better chain.', () => network.peersAhead)
  add(registry, 'chain_peers', 'Connected peers.', ['direction'], (metric) => {
    const peers = network.peers.list()
    for (const direction of ['inbound', 'outbound'] as const) {
      metric.set({ direction }, peers.filter((peer) => peer.direction === direction).length)
    }
  })
  add(
    registry,
    'chain_sync_phase',
    'What sync is doing: 1 for the present phase, 0 for others.',
    ['phase'],
    (metric) => {
      for (const phase of phases) metric.set({ phase }, phase === network.syncPhase ? 1 : 0)
    },
  )
  addNetwork(registry, network)
  gauge('nodejs_eventloop_lag_p50_seconds', 'Median lag of the last minute.', () => lag.read().p50 / 1_000)
  gauge('nodejs_eventloop_lag_p99_seconds', 'What 99 % stay below.', () => lag.read().p99 / 1_000)
  gauge('nodejs_eventloop_lag_max_seconds', 'Most lag of the last minute.', () => lag.read().max / 1_000)
  add(registry, 'chain_node_info', 'Program and verifier: always 1.', ['agent', 'verifier'], (metric) =>
    metric.set({ agent, verifier: verifier.name }, 1),
  )
  const verified = 'Signatures that were verified.'
  count(registry, 'chain_signatures_verified_total', verified, () => verifier.count)
  addProcess(registry, gauge)
  return registry
}

/** What is held for the network, and what went over it. */
function addNetwork(registry: Registry, network: MetricsModules['network']): void {
  let reading: Promise<NetworkFigures> | undefined
  // All of them are asked for at once: they are counted once.
  const measure = (): Promise<NetworkFigures> => {
    reading ??= network.measure().finally(() => {
      reading = undefined
    })
    return reading
  }
  for (const [key, name, help] of figures) {
    add(registry, name, help, [], async (metric) => metric.set((await measure())[key]))
  }
  add(registry, 'chain_bans', 'Peers and addresses that are banned.', [], (metric) =>
    metric.set(network.bans.list().length),
  )
  const [received, sent] = ['Bytes that were received.', 'Bytes that were sent.']
  count(registry, 'chain_network_receive_bytes_total', received, () => network.traffic().received)
  count(registry, 'chain_network_transmit_bytes_total', sent, () => network.traffic().sent)
}

/** Under the names that Prometheus' own libraries use. */
function addProcess(
  registry: Registry,
  gauge: (name: string, help: string, read: () => number) => void,
): void {
  gauge('process_resident_memory_bytes', 'Resident memory in bytes.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_used_bytes', 'Bytes of objects in the heap.', () => process.memoryUsage().heapUsed)
  gauge(
    'process_start_time_seconds',
    'Unix time at which the process started.',
    () => performance.timeOrigin / 1_000,
  )
  count(registry, 'process_cpu_seconds_total', 'Processor time of all threads.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
}

function add<Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[],
  read: (metric: Gauge<Label>) => void | Promise<void>,
): void {
  registry.registerMetric(
    new Gauge<Label>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      async collect() {
        await read(this)
      },
    }),
  )
}

function count(registry: Registry, name: string, help: string, read: () => number): void {
  const options: MetricConfiguration<string> = { name, help, registers: [] }
  registry.registerMetric(
    new Counter({
      ...options,
      collect() {
        this.reset()
        this.inc(read())
      },
    }),
  )
}
