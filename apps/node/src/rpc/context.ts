/**
 * What RPC methods work with: the parts of a running node.
 */
import type { ChainManager } from '@chain/core/chain'
import type { Mempool } from '@chain/core/mempool'
import type { BanList, HashTable, Network, PeerSet } from '@chain/p2p'
import type { LmdbChainStore } from '@chain/storage'
import type { Indexes } from '../indexes.ts'
import type { Logger } from '../logger.ts'
import type { MempoolKeeper } from '../mempool-keeper.ts'
import type { Miner } from '../mining/miner.ts'
import type { NodeStatus } from '../node-status.ts'
import type { Pruner } from '../pruner.ts'

export interface RpcContext {
  /** Name and version of the program, such as `chain-node/0.1.0`. */
  readonly agent: string
  readonly chain: ChainManager
  readonly store: Pick<LmdbChainStore, 'blockBytes' | 'coinBytes' | 'holdCoins'>
  readonly indexes: Indexes
  /** `undefined` when nothing is pruned. */
  readonly pruner: Pruner | undefined
  readonly mempool: Mempool
  readonly mempoolKeeper: Pick<MempoolKeeper, 'isLoaded' | 'file' | 'save'>
  readonly miner: Miner
  readonly peers: PeerSet
  readonly bans: BanList
  readonly network: Pick<Network, 'bestOf' | 'knownPeers' | 'traffic'>
  /** `undefined` when the node takes no part in it. */
  readonly hashTable: HashTable | undefined
  /** What `getstatus` and `chain-node status` show. */
  readonly status: () => NodeStatus
  readonly log: Logger
  /** Makes the node stop soon after this call. */
  readonly requestStop: () => void
}
