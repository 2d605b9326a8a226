/**
 * The numbers of a node for Prometheus: read when somebody asks, from what `status` shows as well.
 *
 * Not for serving them (`metrics-server.ts`). Names and units follow Prometheus' conventions: base units, `_total` for what
 * only grows.
 */
import type { Network, SyncPhase } from '@chain/p2p'
import { Counter, Gauge, type MetricConfiguration, Registry } from 'prom-client'
import type { LoopLagMonitor } from '../loop-lag.ts'
import type { NodeStatus } from '../node-status.ts'
import { agent } from '../version.ts'

/** What the numbers are read from. */
export interface MetricsModules {
  readonly status: () => NodeStatus
  readonly network: Pick<Network, 'peers' | 'syncPhase' | 'peersAhead' | 'measure'>
  readonly verifier: { readonly name: string; readonly count: number }
  readonly lag: LoopLagMonitor
}

const phases: readonly SyncPhase[] = ['no-peers', 'headers', 'blocks', 'stalled', 'synced']

/** Makes the registry of a node; other nodes in the process have their own. */
export function createNodeMetrics({ status, network, verifier, lag }: MetricsModules): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, read: () => number): void => {
    add(registry, name, help, [], (metric) => metric.set(read()))
  }
  gauge('chain_height', 'Height of the active chain.', () => status().height)
  gauge('chain_headers', 'Height of the best known header.', () => status().headers)
  gauge('chain_tip_time_seconds', 'Time in the header of the best block.', () => status().tipTime)
  gauge('chain_blocks_bytes', 'Bytes of blocks and undo data.', () => status().blocks.bytes)
  gauge('chain_mempool_transactions', 'Waiting transactions.', () => status().mempool.transactions)
  gauge('chain_mempool_bytes', 'Virtual bytes of waiting transactions.', () => status().mempool.bytes)
  gauge('chain_peers_ahead', 'Peers that claim a better chain.', () => network.peersAhead)
  add(registry, 'chain_peers', 'Connected peers.', ['direction'], (metric) => {
    const peers = network.peers.list()
    for (const direction of ['inbound', 'outbound'] as const) {
      metric.set({ direction }, peers.filter((peer) => peer.direction === direction).length)
    }
  })
  add(registry, 'chain_sync_phase', 'What sync is doing: 1 for one of them.', ['phase'], (metric) => {
    for (const phase of phases) metric.set({ phase }, phase === network.syncPhase ? 1 : 0)
  })
  add(registry, 'chain_network', 'What is held for the network.', ['kind'], async (metric) => {
    const figures = await network.measure()
    metric.set({ kind: 'connections' }, figures.connections)
    metric.set({ kind: 'streams' }, figures.streams)
    metric.set({ kind: 'known peers' }, figures.knownPeers)
    metric.set({ kind: 'provider records' }, figures.providerRecords)
    metric.set({ kind: 'values' }, figures.values)
  })
  add(registry, 'chain_event_loop_lag_seconds', 'Lag of the event loop.', ['quantile'], (metric) => {
    const { p50, p99, max } = lag.read()
    metric.set({ quantile: '0.5' }, p50 / 1_000)
    metric.set({ quantile: '0.99' }, p99 / 1_000)
    metric.set({ quantile: '1' }, max / 1_000)
  })
  add(registry, 'chain_node_info', 'Program and verifier.', ['agent', 'verifier'], (metric) =>
    metric.set({ agent, verifier: verifier.name }, 1),
  )
  count(registry, 'chain_signatures_total', 'Signatures that were verified.', () => verifier.count)
  addProcess(registry, gauge)
  return registry
}

/** Under the names that Prometheus' own libraries use. */
function addProcess(
  registry: Registry,
  gauge: (name: string, help: string, read: () => number) => void,
): void {
  gauge('process_resident_memory_bytes', 'Memory that is resident.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_used_bytes', 'Memory of objects.', () => process.memoryUsage().heapUsed)
  gauge('process_start_time_seconds', 'When the process started.', () => performance.timeOrigin / 1_000)
  count(registry, 'process_cpu_seconds_total', 'Time of all threads.', () => {
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
