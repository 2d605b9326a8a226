/**
 * What RPC methods work with: the parts of a running node.
 */
import type { ChainManager } from '@chain/core/chain'
import type { Mempool } from '@chain/core/mempool'
import type { BanList, PeerSet } from '@chain/p2p'
import type { Miner } from '../mining/miner.ts'
import type { NodeStatus } from '../node-status.ts'

export interface RpcContext {
  /** Name and version of the program, such as `chain-node/0.1.0`. */
  readonly agent: string
  readonly chain: ChainManager
  readonly mempool: Mempool
  readonly miner: Miner
  readonly peers: PeerSet
  readonly bans: BanList
  /** When the node started, in Unix milliseconds. */
  readonly startedAt: number
  /** Bytes of the data file on disk. */
  readonly diskUsage: () => number
  /** What `getstatus` and `chain-node status` show. */
  readonly status: () => NodeStatus
  /** Makes the node stop soon after this call. */
  readonly requestStop: () => void
}
