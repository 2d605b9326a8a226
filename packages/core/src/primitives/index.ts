/** Transactions, blocks and headers: their shapes, bytes and ids. */
export { type Block, blockLength, blockWeight, decodeBlock, encodeBlock } from './block.ts'
export {
  type BlockHeader,
  blockHash,
  decodeHeader,
  encodeHeader,
  HEADER_LENGTH,
  readHeader,
} from './block-header.ts'
export {
  type BlockTransactions,
  type BlockTransactionsRequest,
  decodeBlockTransactions,
  decodeBlockTransactionsRequest,
  encodeBlockTransactions,
  encodeBlockTransactionsRequest,
} from './block-transactions.ts'
export type { Coin } from './coin.ts'
export {
  type CompactBlock,
  createCompactBlock,
  decodeCompactBlock,
  encodeCompactBlock,
  type PrefilledTransaction,
  type ShortId,
  shortId,
  shortIdKey,
} from './compact-block.ts'
export { type BlockHash, formatHash, parseHash, type Txid, type Wtxid, ZERO_HASH } from './ids.ts'
export { computeMerkle, type MerkleResult, merkleRoot } from './merkle.ts'
export { decodeMerkleBlock, encodeMerkleBlock, type MerkleBlock, verifyMerkleBlock } from './merkle-block.ts'
export {
  createMerkleProof,
  MAX_PROOF_TRANSACTIONS,
  type MerkleProof,
  type ProvenTransaction,
  verifyMerkleProof,
} from './merkle-proof.ts'
export { formatOutPoint, isNullOutPoint, NULL_INDEX, type OutPoint, outpointKey } from './outpoint.ts'
export {
  decodeTransaction,
  encodeTransaction,
  hasWitness,
  isCoinbase,
  readTransaction,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
  transactionLength,
  transactionWeight,
  virtualSize,
  writeOutput,
  writeTransaction,
} from './transaction.ts'
export { txid, txids, wtxid, wtxids } from './txid.ts'
