/**
 * What `chain-node status` shows of a running node.
 */
import { formatHash } from '@chain/core/primitives'
import type { Height, UnixTime } from '@chain/core/units'
import type { Network } from '@chain/p2p'
import type { ChainFeatures } from './chain-features.ts'
import type { NodeConfig } from './config.ts'
import type { IndexStatus } from './indexes.ts'
import type { LoopLag, LoopLagMonitor } from './loop-lag.ts'
import type { MinerStatus } from './mining/miner.ts'
import type { OpenChain } from './open-chain.ts'
import { ProgressWatch } from './progress-watch.ts'
import { lowestKept } from './pruned-blocks.ts'
import type { PruneMode } from './pruner.ts'
import { describeState, type NodeState } from './state.ts'
import { agent } from './version.ts'

/** The answer to `getstatus`, as JSON. Scripts rely on its fields. */
export interface NodeStatus {
  readonly network: string
  readonly specId: string
  readonly state: NodeState
  /** A sentence or two: why it is in that state, and what to do. */
  readonly why: string
  readonly height: Height
  readonly bestHash: string
  /** Time in the header of the best block. */
  readonly tipTime: UnixTime
  /** Height of the best known header. */
  readonly headers: Height
  /** Connected peers. */
  readonly peers: number
  readonly mempool: {
    readonly transactions: number
    /** Virtual bytes. */
    readonly bytes: number
  }
  readonly blocks: {
    /** Height of the lowest block that is kept, the genesis block apart. */
    readonly lowest: Height
    /** Bytes of blocks and undo data in the data file. */
    readonly bytes: number
    /** Left out when nothing is pruned. */
    readonly prune?: PruneMode
  }
  /** Those that are switched on. */
  readonly indexes: readonly IndexStatus[]
  /** Bytes of memory that cached coins may take. */
  readonly coinCache: number
  readonly peerId: string
  /** Multiaddrs, peer id included, at which the node can be reached. */
  readonly addresses: readonly string[]
  /** What verifies signatures, and on how many threads. */
  readonly verifier: string
  readonly mining: MinerStatus
  /** Milliseconds by which the event loop was late in the last whole minute. */
  readonly eventLoopLag: LoopLag
  readonly agent: string
  readonly pid: number
  readonly dataDir: string
  /** Seconds since the start. */
  readonly uptime: number
}

/** The parts that the status is about. */
export interface StatusParts {
  readonly config: NodeConfig
  readonly open: OpenChain
  readonly network: Network
  readonly features: ChainFeatures
  readonly lag: LoopLagMonitor
  /** Whether the network is up. */
  readonly isStarted: () => boolean
}

/** Makes a function that gives the status of the moment; it watches chain and peers for progress. */
export function createNodeStatus(parts: StatusParts): () => NodeStatus {
  const { config, open, network, features, lag, isStarted } = parts
  const { chain, store, mempool, miner, verifier } = open
  const { prune } = config
  const startedAt = performance.now()
  const watch = new ProgressWatch(chain, network)
  return () => {
    const { tip, bestHeader, spec } = chain
    const { state, why } = describeState({ ...watch.facts(), started: isStarted() })
    return {
      network: spec.name,
      specId: spec.id,
      state,
      why,
      height: tip.height,
      bestHash: formatHash(tip.hash),
      tipTime: tip.header.time,
      headers: bestHeader.height,
      peers: network.peers.list().length,
      mempool: { transactions: mempool.count, bytes: mempool.size },
      blocks: {
        lowest: lowestKept(chain),
        bytes: store.chainStore.blockBytes,
        ...(prune === undefined ? {} : { prune }),
      },
      indexes: features.indexes.status(),
      coinCache: config.cacheSize,
      peerId: network.peerId,
      addresses: network.addresses,
      verifier: verifier.name,
      mining: miner.status,
      eventLoopLag: lag.read(),
      agent,
      pid: process.pid,
      dataDir: config.dataDir,
      uptime: Math.floor((performance.now() - startedAt) / 1_000),
    }
  }
}
