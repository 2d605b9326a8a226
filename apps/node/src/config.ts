/**
 * The configuration of a node: what `chain-node start` was told, made complete and checked.
 *
 * Not for reading the command line (`cli/`): the values arrive here by option, with their types.
 */
import {
  DEFAULT_NETWORK,
  type Environment,
  loadChainSpec,
  networkOption,
  resolveDataDir,
  usageError,
} from '@chain/cli'
import type { Bytes } from '@chain/core/bytes'
import type { ChainSpec } from '@chain/core/consensus'
import { parseAddress } from '@chain/core/script'
import { defaultCapacity, type PeerCapacity } from '@chain/p2p'
import { identitySeedRefused, miningAddressMissing } from './errors.ts'
import type { IndexSelection } from './indexes.ts'
import type { LogFormat, LogLevel } from './logger.ts'
import { DEFAULT_DBCACHE, MEBIBYTE } from './mebibyte.ts'
import { DEFAULT_METRICS_ADDRESS, type MetricsAddress } from './metrics/metrics-address.ts'
import { defaultThreads } from './mining/default-threads.ts'
import { refuseConflicts } from './option-conflicts.ts'
import type { PruneMode } from './pruner.ts'
import { DEFAULT_PAR } from './verifier.ts'

/** What the command line said; what is `undefined` was not said. */
export interface StartOptions {
  readonly network?: string
  readonly datadir?: string
  /** `false` to listen nowhere. */
  readonly listen?: readonly string[] | false
  readonly announce?: readonly string[]
  readonly bootnode?: readonly string[]
  readonly connect?: readonly string[]
  readonly rendezvous?: string
  readonly dht?: boolean
  readonly mdns?: boolean
  /** `true` when the address was left out. */
  readonly mine?: string | boolean
  readonly threads?: number
  readonly par?: number
  /** Mebibytes. */
  readonly dbcache?: number
  /** Mebibytes; 0 for never, 1 for by hand. */
  readonly prune?: number
  readonly txindex?: boolean
  readonly filterindex?: boolean
  readonly persistMempool?: boolean
  readonly rpcPort?: number
  readonly rpcBind?: string
  /** `true` when the address was left out. */
  readonly metrics?: MetricsAddress | boolean
  readonly maxOutbound?: number
  readonly maxInbound?: number
  readonly logLevel?: LogLevel
  readonly logFormat?: LogFormat
  readonly identitySeed?: number
}

/** Everything that a node needs to know to start. */
export interface NodeConfig {
  /** What `--network` said: a name, or the absolute path of a chain spec. */
  readonly network: string
  readonly spec: ChainSpec
  /** Absolute path. */
  readonly dataDir: string
  /** Multiaddrs. */
  readonly listen: readonly string[]
  /** Multiaddrs to announce instead of those listened on; empty for none. */
  readonly announce: readonly string[]
  /** Multiaddrs with peer ids. */
  readonly bootnodes: readonly string[]
  /** Multiaddrs of the only peers to connect to, or `undefined` to look for peers. */
  readonly connect: readonly string[] | undefined
  readonly rendezvous: string
  readonly dht: boolean
  /** Whether the local network is searched by multicast. */
  readonly mdns: boolean
  /** The output script that blocks pay, or `undefined` not to mine. */
  readonly miningScript: Bytes | undefined
  readonly threads: number
  /** Threads that verify signatures, as `openVerifier` takes it. */
  readonly par: number
  /** Bytes of memory for cached coins. */
  readonly cacheSize: number
  /** `undefined` to keep all blocks. */
  readonly prune: PruneMode | undefined
  readonly indexes: IndexSelection
  /** Whether the mempool is kept over restarts. */
  readonly persistMempool: boolean
  readonly rpc: { readonly bind: string; readonly port: number }
  /** Where metrics are served, or `undefined` for nowhere. */
  readonly metrics: MetricsAddress | undefined
  readonly capacity: PeerCapacity
  /** Announce loopback addresses, and accept many connections from one address. */
  readonly allowLoopback: boolean
  /** `undefined` for the identity of the data directory. */
  readonly identitySeed: number | undefined
}

/**
 * Makes options complete, with the network's defaults and those of the environment.
 *
 * @throws {OperationalError} `network-unknown`, `file-unreadable`, `identity-seed-refused`, `mining-address-missing`, `usage`
 * @throws {ParseError} `chain-spec-malformed`, `address-*`
 */
export function resolveConfig(options: StartOptions, environment: Environment): NodeConfig {
  refuseConflicts(options)
  const spec = loadChainSpec(options.network ?? DEFAULT_NETWORK)
  const { identitySeed } = options
  if (identitySeed !== undefined && !isTestNetwork(spec)) throw identitySeedRefused(spec.name)
  const nodePort = portOfNodeId(environment.NODE_ID)
  const listen = options.listen === false ? [] : (options.listen ?? defaultListen(spec, nodePort))
  const rpcPort = options.rpcPort ?? (nodePort === undefined ? spec.ports.rpc : 0)
  return {
    network: networkOption(options.network ?? DEFAULT_NETWORK),
    spec,
    dataDir: resolveDataDir({ directory: options.datadir, network: spec.name, environment }),
    listen,
    announce: options.announce ?? [],
    bootnodes: [...(options.bootnode ?? []), ...spec.bootnodes],
    connect: options.connect,
    rendezvous: options.rendezvous ?? spec.rendezvous,
    dht: options.dht ?? true,
    mdns: options.mdns ?? searchesByDefault(spec, listen),
    miningScript: miningScript(options.mine, spec),
    threads: options.threads ?? defaultThreads(),
    par: options.par ?? DEFAULT_PAR,
    cacheSize: (options.dbcache ?? DEFAULT_DBCACHE) * MEBIBYTE,
    ...storageFeatures(options, spec),
    persistMempool: options.persistMempool ?? true,
    rpc: { bind: options.rpcBind ?? '127.0.0.1', port: rpcPort },
    metrics: metricsAddress(options.metrics),
    capacity: peerCapacity(options),
    allowLoopback: isTestNetwork(spec) || listen.some(isLoopback),
    identitySeed,
  }
}

/**
 * What the node keeps beside the chain, and what it does not keep of it. Filters are kept where the network commits to them,
 * since light clients rely on them there. Source: Bitcoin Core, `-prune`, `-txindex`,
 * `-blockfilterindex`
 */
function storageFeatures(
  { prune = 0, txindex: transactions = false, filterindex }: StartOptions,
  { consensus }: ChainSpec,
): Pick<NodeConfig, 'prune' | 'indexes'> {
  const filters = filterindex ?? (consensus.filterCommitment ? 'if-possible' : false)
  return { prune: pruneMode(prune), indexes: { transactions, filters } }
}

function metricsAddress(metrics: StartOptions['metrics']): MetricsAddress | undefined {
  if (metrics === undefined || metrics === false) return undefined
  return metrics === true ? DEFAULT_METRICS_ADDRESS : metrics
}

function pruneMode(prune: number): PruneMode | undefined {
  if (prune === 0) return undefined
  return prune === 1 ? {} : { target: prune * MEBIBYTE }
}

/**
 * Class rooms and demonstrations have no bootnode. Elsewhere a node says nothing to the local network without being told
 * to: not in a data centre, and not about a machine that holds coins.
 */
function searchesByDefault({ name }: ChainSpec, listen: readonly string[]): boolean {
  return name === 'dev' && listen.some((address) => !isLoopback(address))
}

function isLoopback(address: string): boolean {
  return /^\/ip4\/127\.|^\/ip6\/::1\//.test(address)
}

/** Whether coins of the network are worth nothing, so that many nodes on one machine and guessable keys do no harm. */
function isTestNetwork({ name }: ChainSpec): boolean {
  return name === 'regtest' || name === 'dev'
}

function peerCapacity({ maxOutbound, maxInbound }: StartOptions): PeerCapacity {
  return {
    ...defaultCapacity,
    ...(maxOutbound === undefined ? {} : { outbound: maxOutbound }),
    ...(maxInbound === undefined ? {} : { inbound: maxInbound }),
  }
}

/** All interfaces, on the ports of the network; with `NODE_ID`, on the port that it names. */
function defaultListen(spec: ChainSpec, nodePort: number | undefined): string[] {
  const [tcp, websocket] = nodePort === undefined ? [spec.ports.p2p, spec.ports.websocket] : [nodePort, 0]
  return [`/ip4/0.0.0.0/tcp/${tcp}`, `/ip4/0.0.0.0/tcp/${websocket}/ws`]
}

/** The port that `NODE_ID` names, as in the tutorials; other ids only tell data directories apart. */
function portOfNodeId(nodeId: string | undefined): number | undefined {
  if (nodeId === undefined || nodeId === '') return undefined
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(nodeId)) {
    throw usageError(
      `The environment variable NODE_ID must be 1 to 32 letters, digits, - or _, not "${nodeId}".`,
    )
  }
  const port = Number(nodeId)
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined
}

/** @throws {ParseError} `address-*` @throws {OperationalError} `mining-address-missing` */
function miningScript(mine: string | boolean | undefined, spec: ChainSpec): Bytes | undefined {
  if (mine === undefined || mine === false) return undefined
  if (mine === true) throw miningAddressMissing()
  return parseAddress(mine, spec.addressPrefix)
}
