/**
 * Connecting a block to a coin view, and disconnecting it again.
 *
 * Connecting spends and makes coins, and yields what is needed to take it back and the signatures that must still be
 * verified. Disconnecting is its exact inverse.
 *
 * Source: Bitcoin Core, `ConnectBlock`, `DisconnectBlock`; docs/protocol/consensus.md#coins
 */
import { type Bytes, equalBytes } from '../bytes/index.ts'
import {
  baseSigopsCost,
  type ConsensusParams,
  checkInputs,
  computeSubsidy,
  findFilterCommitment,
  type HeaderNode,
  MAX_SIGOPS_COST,
  RuleError,
  type SignatureCheck,
} from '../consensus/index.ts'
import { invariant, OperationalError } from '../errors/index.ts'
import { computeBasicFilter, computeFilterHeader } from '../filters/index.ts'
import {
  type Block,
  type Coin,
  formatHash,
  formatOutPoint,
  type Transaction,
  txid,
  ZERO_HASH,
} from '../primitives/index.ts'
import { isUnspendable } from '../script/index.ts'
import type { Amount, Height } from '../units/index.ts'
import type { CoinView } from './coin-view.ts'
import { runAtOnce, type Steps } from './give-way.ts'
import type { BlockUndo } from './undo.ts'

/** A parent whose filter header is known where the network commits to it. */
export interface ConnectedParent extends HeaderNode {
  readonly filterHeader: Bytes | undefined
}

/**
 * What connecting a block yields beside the changed coins: the way back, and the signatures that are still to be
 * checked.
 */
export interface ConnectResult {
  readonly undo: BlockUndo
  /** Signatures that must all be right for the block to be valid. */
  readonly checks: readonly SignatureCheck[]
  /** What the transactions pay to the miner, in base units. */
  readonly fees: Amount
  /** The block's filter header, on networks that commit to it. */
  readonly filterHeader: Bytes | undefined
}

/**
 * Connects a block that passed `checkBlock` and `checkBlockContext` to the coins after its parent.
 *
 * On an error the view is left half changed and must be rolled back or thrown away.
 *
 * @throws {RuleError} of the stage `inputs`, and `block-sigops-too-many`
 */
export function connectBlock(
  params: ConsensusParams,
  block: Block,
  parent: ConnectedParent,
  view: CoinView,
): ConnectResult {
  return runAtOnce(connectBlockSteps(params, block, parent, view))
}

/** Connects a block as {@link connectBlock} does, one transaction per step. Nobody else may use the view meanwhile. */
export function* connectBlockSteps(
  params: ConsensusParams,
  block: Block,
  parent: ConnectedParent,
  view: CoinView,
): Steps<ConnectResult> {
  const height = parent.height + 1
  const undo: Coin[][] = []
  const checks: SignatureCheck[] = []
  let fees = 0n
  for (const [position, transaction] of block.transactions.entries()) {
    if (position === 0) checkNotDuplicate(transaction, view)
    else {
      const coins = spendInputs(transaction, view)
      const result = checkInputs(params, transaction, coins, parent)
      for (const check of result.checks) checks.push(check)
      fees += result.fee
      undo.push(coins)
    }
    addOutputs(transaction, view, height, position === 0)
    yield
  }
  checkSigops(block, checks)
  checkReward(params, block, height, fees)
  if (!params.filterCommitment) return { undo, checks, fees, filterHeader: undefined }
  checkFilterCommitment(block, parent)
  return {
    undo,
    checks,
    fees,
    filterHeader: blockFilterHeader(block, undo, parent.filterHeader ?? ZERO_HASH),
  }
}

/**
 * An earlier coinbase of the same id must be spent to the last output. Source: BIP30.
 *
 * Other transactions need no look: one can only come again when the coins that it spends do, and those begin with a
 * coinbase.
 */
function checkNotDuplicate(transaction: Transaction, view: CoinView): void {
  const id = txid(transaction)
  transaction.outputs.forEach((_, index) => {
    if (view.get({ txid: id, index }) !== undefined) {
      throw new RuleError('transaction-duplicates-unspent', { txid: formatHash(id) })
    }
  })
}

function spendInputs(transaction: Transaction, view: CoinView): Coin[] {
  return transaction.inputs.map(({ previousOutput }) => {
    const coin = view.spend(previousOutput)
    if (coin === undefined)
      throw new RuleError('input-coin-missing', { outpoint: formatOutPoint(previousOutput) })
    return coin
  })
}

function addOutputs(transaction: Transaction, view: CoinView, height: number, isCoinbase: boolean): void {
  const id = txid(transaction)
  transaction.outputs.forEach((output, index) => {
    if (!isUnspendable(output.scriptPubKey)) view.add({ txid: id, index }, { output, height, isCoinbase })
  })
}

/** Each P2WPKH input costs one; taproot signatures are not counted. Source: BIP141, "Sigops"; BIP342. */
function checkSigops(block: Block, checks: readonly SignatureCheck[]): void {
  const cost = baseSigopsCost(block) + checks.filter(({ algorithm }) => algorithm === 'ecdsa').length
  if (cost > MAX_SIGOPS_COST) throw new RuleError('block-sigops-too-many', { cost, limit: MAX_SIGOPS_COST })
}

function checkReward(params: ConsensusParams, block: Block, height: number, fees: Amount): void {
  const allowed = computeSubsidy(params, height) + fees
  let paid = 0n
  for (const { value } of (block.transactions[0] as Transaction).outputs) paid += value
  if (paid > allowed) throw new RuleError('block-coinbase-pays-too-much', { paid, allowed })
}

function checkFilterCommitment(block: Block, parent: ConnectedParent): void {
  const committed = findFilterCommitment(block.transactions[0] as Transaction)
  const expected = parent.filterHeader
  invariant(expected !== undefined, 'A connected parent has a filter header on networks that commit to it.')
  if (committed === undefined || !equalBytes(committed, expected)) {
    throw new RuleError('block-filter-commitment-wrong', { expected: formatHash(expected) })
  }
}

/** The filter header of a block whose spent coins are known. @param previous - the parent's */
export function blockFilterHeader(block: Block, undo: BlockUndo, previous: Bytes): Uint8Array {
  const spent = undo.flatMap((coins) => coins.map(({ output }) => output.scriptPubKey))
  return computeFilterHeader(computeBasicFilter(block, spent), previous)
}

/**
 * Disconnects the block that was connected last: the view then shows the coins before it.
 *
 * @param height - of the block
 * @throws {OperationalError} `undo-mismatch` when coins and undo data do not belong to this block
 */
export function disconnectBlock(block: Block, height: Height, undo: BlockUndo, view: CoinView): void {
  runAtOnce(disconnectBlockSteps(block, height, undo, view))
}

/** Disconnects a block as {@link disconnectBlock} does, one transaction per step. */
export function* disconnectBlockSteps(
  block: Block,
  height: Height,
  undo: BlockUndo,
  view: CoinView,
): Steps<void> {
  if (undo.length !== block.transactions.length - 1) throw mismatch(block)
  for (let position = block.transactions.length - 1; position >= 0; position--) {
    const transaction = block.transactions[position] as Transaction
    removeOutputs(block, transaction, view, { height, isCoinbase: position === 0 })
    if (position > 0) restoreInputs(block, transaction, undo[position - 1] as readonly Coin[], view)
    yield
  }
}

function removeOutputs(
  block: Block,
  transaction: Transaction,
  view: CoinView,
  origin: Pick<Coin, 'height' | 'isCoinbase'>,
): void {
  const id = txid(transaction)
  transaction.outputs.forEach((output, index) => {
    if (isUnspendable(output.scriptPubKey)) return
    const coin = view.spend({ txid: id, index })
    if (coin === undefined || !isSameCoin(coin, { output, ...origin })) throw mismatch(block)
  })
}

function restoreInputs(block: Block, transaction: Transaction, coins: readonly Coin[], view: CoinView): void {
  if (coins.length !== transaction.inputs.length) throw mismatch(block)
  transaction.inputs.forEach(({ previousOutput }, index) => {
    if (view.get(previousOutput) !== undefined) throw mismatch(block)
    view.add(previousOutput, coins[index] as Coin)
  })
}

function mismatch(block: Block): OperationalError {
  return new OperationalError(
    'undo-mismatch',
    'The stored coins and undo data do not belong to the block that is disconnected: run reindex.',
    { time: block.header.time },
  )
}

/** Whether two coins agree in everything. */
export function isSameCoin(a: Coin, b: Coin): boolean {
  return (
    a.height === b.height &&
    a.isCoinbase === b.isCoinbase &&
    a.output.value === b.output.value &&
    equalBytes(a.output.scriptPubKey, b.output.scriptPubKey)
  )
}
