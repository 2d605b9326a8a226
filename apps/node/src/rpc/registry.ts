/**
 * All RPC methods by name.
 */
import type { RpcMethod } from './method.ts'
import { addNode } from './methods/add-node.ts'
import { clearBanned } from './methods/clear-banned.ts'
import { decodeRawTransaction } from './methods/decode-raw-transaction.ts'
import { dhtFindPeer } from './methods/dht-find-peer.ts'
import { dhtGet } from './methods/dht-get.ts'
import { dhtPing } from './methods/dht-ping.ts'
import { dhtProvide } from './methods/dht-provide.ts'
import { dhtProviders } from './methods/dht-providers.ts'
import { dhtPut } from './methods/dht-put.ts'
import { disconnectNode } from './methods/disconnect-node.ts'
import { generateToAddress } from './methods/generate-to-address.ts'
import { getBestBlockHash } from './methods/get-best-block-hash.ts'
import { getBlock } from './methods/get-block.ts'
import { getBlockCount } from './methods/get-block-count.ts'
import { getBlockFilter } from './methods/get-block-filter.ts'
import { getBlockHash } from './methods/get-block-hash.ts'
import { getBlockHeader } from './methods/get-block-header.ts'
import { getBlockStats } from './methods/get-block-stats.ts'
import { getBlockchainInfo } from './methods/get-blockchain-info.ts'
import { getChainTips } from './methods/get-chain-tips.ts'
import { getConnectionCount } from './methods/get-connection-count.ts'
import { getIndexInfo } from './methods/get-index-info.ts'
import { getMempoolInfo } from './methods/get-mempool-info.ts'
import { getMiningInfo } from './methods/get-mining-info.ts'
import { getNetTotals } from './methods/get-net-totals.ts'
import { getNetworkInfo } from './methods/get-network-info.ts'
import { getNodeAddresses } from './methods/get-node-addresses.ts'
import { getPeerInfo } from './methods/get-peer-info.ts'
import { getRawMempool } from './methods/get-raw-mempool.ts'
import { getRawTransaction } from './methods/get-raw-transaction.ts'
import { getStatus } from './methods/get-status.ts'
import { getTxOut } from './methods/get-tx-out.ts'
import { getTxOutProof } from './methods/get-tx-out-proof.ts'
import { getTxOutSetInfo } from './methods/get-tx-out-set-info.ts'
import { createHelp } from './methods/help.ts'
import { invalidateBlock } from './methods/invalidate-block.ts'
import { listBanned } from './methods/list-banned.ts'
import { preciousBlock } from './methods/precious-block.ts'
import { pruneBlockchain } from './methods/prune-blockchain.ts'
import { reconsiderBlock } from './methods/reconsider-block.ts'
import { saveMempool } from './methods/save-mempool.ts'
import { sendRawTransaction } from './methods/send-raw-transaction.ts'
import { setBan } from './methods/set-ban.ts'
import { setMining } from './methods/set-mining.ts'
import { stop } from './methods/stop.ts'
import { submitBlock } from './methods/submit-block.ts'
import { uptime } from './methods/uptime.ts'
import { verifyChain } from './methods/verify-chain.ts'
import { verifyTxOutProof } from './methods/verify-tx-out-proof.ts'

const methods: readonly RpcMethod[] = [
  addNode,
  clearBanned,
  decodeRawTransaction,
  dhtFindPeer,
  dhtGet,
  dhtPing,
  dhtProvide,
  dhtProviders,
  dhtPut,
  disconnectNode,
  generateToAddress,
  getBestBlockHash,
  getBlock,
  getBlockCount,
  getBlockFilter,
  getBlockHash,
  getBlockHeader,
  getBlockStats,
  getBlockchainInfo,
  getChainTips,
  getConnectionCount,
  getIndexInfo,
  getMempoolInfo,
  getMiningInfo,
  getNetTotals,
  getNetworkInfo,
  getNodeAddresses,
  getPeerInfo,
  getRawMempool,
  getRawTransaction,
  getStatus,
  getTxOut,
  getTxOutProof,
  getTxOutSetInfo,
  invalidateBlock,
  listBanned,
  preciousBlock,
  pruneBlockchain,
  reconsiderBlock,
  saveMempool,
  sendRawTransaction,
  setBan,
  setMining,
  stop,
  submitBlock,
  uptime,
  verifyChain,
  verifyTxOutProof,
]

/** The methods that a node answers, by name. */
export const rpcMethods: ReadonlyMap<string, RpcMethod> = new Map(
  [...methods, createHelp(methods)].map((method) => [method.name, method]),
)
