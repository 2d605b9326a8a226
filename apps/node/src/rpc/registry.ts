/**
 * All RPC methods by name.
 */
import type { RpcMethod } from './method.ts'
import { addNode } from './methods/add-node.ts'
import { disconnectNode } from './methods/disconnect-node.ts'
import { generateToAddress } from './methods/generate-to-address.ts'
import { getBestBlockHash } from './methods/get-best-block-hash.ts'
import { getBlock } from './methods/get-block.ts'
import { getBlockCount } from './methods/get-block-count.ts'
import { getBlockHash } from './methods/get-block-hash.ts'
import { getBlockHeader } from './methods/get-block-header.ts'
import { getBlockchainInfo } from './methods/get-blockchain-info.ts'
import { getConnectionCount } from './methods/get-connection-count.ts'
import { getMempoolInfo } from './methods/get-mempool-info.ts'
import { getMiningInfo } from './methods/get-mining-info.ts'
import { getNetworkInfo } from './methods/get-network-info.ts'
import { getPeerInfo } from './methods/get-peer-info.ts'
import { getRawMempool } from './methods/get-raw-mempool.ts'
import { getStatus } from './methods/get-status.ts'
import { getTxOut } from './methods/get-tx-out.ts'
import { createHelp } from './methods/help.ts'
import { listBanned } from './methods/list-banned.ts'
import { sendRawTransaction } from './methods/send-raw-transaction.ts'
import { setBan } from './methods/set-ban.ts'
import { setMining } from './methods/set-mining.ts'
import { stop } from './methods/stop.ts'
import { submitBlock } from './methods/submit-block.ts'
import { uptime } from './methods/uptime.ts'

const methods: readonly RpcMethod[] = [
  addNode,
  disconnectNode,
  generateToAddress,
  getBestBlockHash,
  getBlock,
  getBlockCount,
  getBlockHash,
  getBlockHeader,
  getBlockchainInfo,
  getConnectionCount,
  getMempoolInfo,
  getMiningInfo,
  getNetworkInfo,
  getPeerInfo,
  getRawMempool,
  getStatus,
  getTxOut,
  listBanned,
  sendRawTransaction,
  setBan,
  setMining,
  stop,
  submitBlock,
  uptime,
]

/** The methods that a node answers, by name. */
export const rpcMethods: ReadonlyMap<string, RpcMethod> = new Map(
  [...methods, createHelp(methods)].map((method) => [method.name, method]),
)
