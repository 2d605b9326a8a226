/**
 * The node: store, chain, mempool, peers, miner and RPC put together, started in this order and ended in the opposite one.
 *
 * Not for processes and signals (`run-node.ts`), nor for what works without a network (`open-chain.ts`).
 *
 * Source: docs/architecture.md#owns-and-does-not-own
 */
import type { ChainError } from '@chain/core/errors'
import { createNetwork, type FilterPort, type Network, type NetworkOptions } from '@chain/p2p'
import { type ChainFeatures, startFeatures } from './chain-features.ts'
import { logChain } from './chain-log.ts'
import { Closers } from './closers.ts'
import type { NodeConfig } from './config.ts'
import { identityFromSeed, loadIdentity } from './identity.ts'
import { listenError } from './listen-error.ts'
import type { Logger } from './logger.ts'
import { LoopLagMonitor } from './loop-lag.ts'
import { MempoolKeeper } from './mempool-keeper.ts'
import { startMetricsServer } from './metrics/metrics-server.ts'
import { createNodeMetrics, type MetricsModules } from './metrics/node-metrics.ts'
import { createNodeStatus, type NodeStatus } from './node-status.ts'
import { type OpenChain, openChain } from './open-chain.ts'
import { createCookie, removeCookie } from './rpc/cookie.ts'
import { createDispatcher } from './rpc/dispatcher.ts'
import { removeNodeFile, writeNodeFile } from './rpc/node-file.ts'
import { rpcMethods } from './rpc/registry.ts'
import { type RpcServer, startRpcServer } from './rpc/server.ts'
import { logStates } from './state-log.ts'
import { agent } from './version.ts'

/** Milliseconds that each part has to end; together less than what `run-node.ts` allows. */
const closeTimes = { rpc: 600, network: 1_300, features: 400, mempool: 600, chain: 1_500 } as const

/** Milliseconds between two looks for transactions that have waited too long. */
const EXPIRY_INTERVAL = 600_000

/** A node that runs. */
export interface ChainNode {
  readonly peerId: string
  readonly rpcUrl: string
  /** Where metrics are served, or `undefined` for nowhere. */
  readonly metricsUrl: string | undefined
  /** What it is doing. */
  status(): NodeStatus
  /** Ends it. Never rejects; a second call waits for the first. */
  stop(): Promise<void>
}

/**
 * Starts a node.
 *
 * @param requestStop - called when an RPC client wants the node to stop, or with the reason why it cannot go on
 * @throws {ChainError} when a part cannot start; those before it were ended
 */
export async function startNode(
  config: NodeConfig,
  log: Logger,
  requestStop: (reason?: ChainError) => void,
): Promise<ChainNode> {
  const closers = new Closers(log)
  try {
    return await startParts(config, log, requestStop, closers)
  } catch (error) {
    await closers.close()
    throw error
  }
}

async function startParts(
  config: NodeConfig,
  log: Logger,
  requestStop: (reason?: ChainError) => void,
  closers: Closers,
): Promise<ChainNode> {
  const { spec, dataDir, threads, par, cacheSize, miningScript } = config
  const open = await openChain({ spec, dataDir, threads, par, cacheSize, log })
  // Last of all, when the directory is free: `chain-node stop` waits for it.
  closers.add('node file', closeTimes.rpc, () => removeNodeFile(dataDir))
  closers.add('chain', closeTimes.chain, () => open.close())
  const { persistMempool: persist } = config
  const keeper = new MempoolKeeper({ mempool: open.mempool, dataDir, specId: spec.id, persist, log })
  closers.add('mempool', closeTimes.mempool, () => keeper.close())
  void open.store.failed.then(requestStop)
  void open.verifier.failed.then(requestStop)
  const features = startFeatures({ config, open, log, onFailed: requestStop })
  closers.add('features', closeTimes.features, () => features.close())
  const expiry = setInterval(() => open.mempool.expire(), EXPIRY_INTERVAL)
  closers.add('expiry', closeTimes.chain, () => clearInterval(expiry))
  const network = await openNetwork({ config, open, filters: features.indexes.filters, log })
  closers.add('network', closeTimes.network, () => network.stop())
  let started = false
  const lag = new LoopLagMonitor()
  closers.add('event loop lag', closeTimes.chain, () => lag.close())
  const status = createNodeStatus({ config, open, network, features, lag, isStarted: () => started })
  const rpc = await startRpc({ config, open, keeper, network, features, status, requestStop, log, closers })
  const { verifier } = open
  const metricsUrl = await startMetrics(config, { status, network, verifier, lag }, log, closers)
  writeNodeFile(dataDir, { pid: process.pid, rpcUrl: rpc.url })
  keeper.start()
  await startNetwork(network)
  started = true
  closers.add('state log', closeTimes.chain, logStates(status, log))
  const chainFacts = () => ({ ...status(), transactions: open.chain.tip.transactionCount })
  closers.add('chain log', closeTimes.chain, logChain(chainFacts, log))
  if (miningScript !== undefined) open.miner.start(miningScript)
  return { peerId: network.peerId, rpcUrl: rpc.url, metricsUrl, status, stop: () => closers.close() }
}

interface NetworkInit {
  readonly config: NodeConfig
  readonly open: OpenChain
  /** What light clients are served from. */
  readonly filters: FilterPort | undefined
  readonly log: Logger
}

/** The network, not started yet. */
async function openNetwork({ config, open, filters, log }: NetworkInit): Promise<Network> {
  const { identitySeed, dataDir, connect } = config
  const { store, chain, mempool } = open
  const identity =
    identitySeed === undefined ? await loadIdentity(dataDir) : await identityFromSeed(identitySeed)
  const options: NetworkOptions = {
    agent,
    identity,
    listen: config.listen,
    announce: config.announce,
    bootnodes: config.bootnodes,
    connect: connect ?? [],
    rendezvous: config.rendezvous,
    mode:
      connect === undefined
        ? { peers: 'all', dht: config.dht, local: config.mdns }
        : { peers: 'connect-only', dht: false },
    capacity: config.capacity,
    allowLoopback: config.allowLoopback,
  }
  const { datastore, knownPeers } = store
  return createNetwork(options, { chain, mempool, filters, datastore, knownPeers, log })
}

/** @throws {OperationalError} `port-occupied`, `address-not-local` */
async function startNetwork(network: Network): Promise<void> {
  try {
    await network.start()
  } catch (error) {
    throw listenError(error, '--listen') ?? error
  }
}

/** @throws {OperationalError} `port-occupied`, `address-not-local` */
async function startMetrics(
  { metrics }: NodeConfig,
  modules: MetricsModules,
  log: Logger,
  closers: Closers,
): Promise<string | undefined> {
  if (metrics === undefined) return undefined
  const server = await startMetricsServer(metrics, createNodeMetrics(modules))
  closers.add('metrics', closeTimes.rpc, () => server.close())
  log.info({ url: server.url }, 'Serves metrics')
  if (!isLoopback(metrics.bind)) {
    log.warn({ bind: metrics.bind }, 'Metrics are served beyond this machine, to whoever asks')
  }
  return server.url
}

interface RpcParts {
  readonly config: NodeConfig
  readonly open: OpenChain
  readonly keeper: MempoolKeeper
  readonly network: Network
  readonly features: ChainFeatures
  readonly status: () => NodeStatus
  readonly requestStop: () => void
  readonly log: Logger
  readonly closers: Closers
}

async function startRpc(parts: RpcParts): Promise<RpcServer> {
  const { config, open, keeper, network, features, status, requestStop, log, closers } = parts
  const { chain, mempool, miner } = open
  const store = open.store.chainStore
  const { peers, bans, hashTable } = network
  const { indexes, pruner } = features
  const about = { agent, status, requestStop, log, mempoolKeeper: keeper }
  const context = { ...about, chain, store, indexes, pruner, mempool, miner, network, peers, bans, hashTable }
  const cookie = createCookie(config.dataDir)
  closers.add('cookie', closeTimes.rpc, () => removeCookie(config.dataDir, cookie))
  const dispatch = createDispatcher(rpcMethods, context, log)
  const server = await startRpcServer({ ...config.rpc, cookie, dispatch })
  closers.add('rpc', closeTimes.rpc, () => server.close())
  if (!isLoopback(config.rpc.bind)) {
    log.warn({ bind: config.rpc.bind }, 'RPC listens beyond this machine: the cookie travels unencrypted')
  }
  return server
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
