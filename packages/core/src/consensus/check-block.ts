/**
 * The rules of a block's body: by itself, and in its place in the chain. Coins are not looked at.
 *
 * Checks whose failure may come from a damaged copy of a good block (Merkle root, witnesses) stand before those that
 * condemn the block for good.
 *
 * Source: Bitcoin Core, `CheckBlock`, `ContextualCheckBlock`; docs/protocol/consensus.md#block-form
 */
import { equalBytes } from '../bytes/index.ts'
import {
  type Block,
  blockLength,
  blockWeight,
  computeMerkle,
  formatHash,
  hasWitness,
  isCoinbase,
  type Transaction,
  txid,
  txids,
} from '../primitives/index.ts'
import { countSigops } from '../script/index.ts'
import { checkTransaction } from './check-transaction.ts'
import { encodeCoinbaseHeight } from './coinbase-height.ts'
import { computeWitnessCommitment, findFilterCommitment, findWitnessCommitment } from './commitment.ts'
import type { HeaderNode } from './header-node.ts'
import { isFinal } from './lock-time.ts'
import { medianTimePast } from './median-time.ts'
import {
  type ConsensusParams,
  MAX_BASE_LENGTH,
  MAX_BLOCK_WEIGHT,
  MAX_SIGOPS_COST,
  WITNESS_SCALE,
} from './params.ts'
import { RuleError } from './rules.ts'

/**
 * Checks what needs nothing but the block itself. The header's own rules are {@link checkHeader}'s.
 *
 * @throws {RuleError} `block-*` of the stage `block`, and `transaction-*` of the stage `transaction`
 */
export function checkBlock(block: Block): void {
  const { transactions } = block
  const [coinbase] = transactions
  if (coinbase === undefined) throw new RuleError('block-transactions-empty', {})
  checkMerkleRoot(block)
  const length = blockLength(block, { witness: false })
  if (length > MAX_BASE_LENGTH) throw new RuleError('block-too-large', { length, limit: MAX_BASE_LENGTH })
  if (!isCoinbase(coinbase)) throw new RuleError('block-coinbase-missing', {})
  const second = transactions.findIndex((transaction, index) => index > 0 && isCoinbase(transaction))
  if (second > 0) throw new RuleError('block-coinbase-multiple', { index: second })
  for (const transaction of transactions) checkTransaction(transaction)
  const cost = baseSigopsCost(block)
  if (cost > MAX_SIGOPS_COST) throw new RuleError('block-sigops-too-many', { cost, limit: MAX_SIGOPS_COST })
}

function checkMerkleRoot({ header, transactions }: Block): void {
  const { root, mutated } = computeMerkle(txids(transactions))
  if (!equalBytes(root, header.merkleRoot)) throw new RuleError('block-merkle-root-wrong', {})
  if (mutated) throw new RuleError('block-transactions-duplicate', {})
}

/** Cost of the signature operations outside witnesses. Source: BIP141, "Sigops". */
export function baseSigopsCost({ transactions }: Block): number {
  let count = 0
  for (const { inputs, outputs } of transactions) {
    for (const { scriptSig } of inputs) count += countSigops(scriptSig)
    for (const { scriptPubKey } of outputs) count += countSigops(scriptPubKey)
  }
  return count * WITNESS_SCALE
}

/**
 * Checks what needs the headers before the block.
 *
 * @param parent - the block's parent
 * @throws {RuleError} `block-*` of the stage `block`
 */
export function checkBlockContext(params: ConsensusParams, block: Block, parent: HeaderNode): void {
  const height = parent.height + 1
  const coinbase = block.transactions[0] as Transaction
  checkCoinbaseHeight(coinbase, height)
  const time = medianTimePast(parent)
  for (const transaction of block.transactions) {
    if (!isFinal(transaction, height, time)) {
      const { lockTime } = transaction
      throw new RuleError('block-transaction-not-final', { txid: formatHash(txid(transaction)), lockTime })
    }
  }
  checkWitnessCommitment(block, coinbase)
  const weight = blockWeight(block)
  if (weight > MAX_BLOCK_WEIGHT)
    throw new RuleError('block-weight-too-large', { weight, limit: MAX_BLOCK_WEIGHT })
  if (params.filterCommitment && findFilterCommitment(coinbase) === undefined) {
    throw new RuleError('block-filter-commitment-missing', {})
  }
}

function checkCoinbaseHeight(coinbase: Transaction, height: number): void {
  const script = coinbase.inputs[0]?.scriptSig ?? new Uint8Array()
  const expected = encodeCoinbaseHeight(height)
  if (!equalBytes(script.subarray(0, expected.length), expected)) {
    throw new RuleError('block-coinbase-height-wrong', { height })
  }
}

function checkWitnessCommitment(block: Block, coinbase: Transaction): void {
  const commitment = findWitnessCommitment(coinbase)
  if (commitment === undefined) {
    if (block.transactions.some(hasWitness)) throw new RuleError('block-witness-unexpected', {})
    return
  }
  const witness = coinbase.inputs[0]?.witness ?? []
  const [nonce] = witness
  if (witness.length !== 1 || nonce?.length !== 32) throw new RuleError('block-witness-nonce-wrong', {})
  if (!equalBytes(commitment, computeWitnessCommitment(block, nonce))) {
    throw new RuleError('block-witness-commitment-wrong', {})
  }
}
