/**
 * Why a transaction is still waiting, as data and as a sentence for people.
 *
 * Source: docs/protocol/policy.md#why-a-transaction-waits
 */
import type { ChainManager } from '../chain/index.ts'
import {
  areSequencesFinal,
  isFinal,
  LOCK_TIME_THRESHOLD,
  MAX_BLOCK_WEIGHT,
  medianTimePast,
  WITNESS_SCALE,
} from '../consensus/index.ts'
import {
  type Coin,
  formatOutPoint,
  type OutPoint,
  type Transaction,
  type Txid,
  txid,
} from '../primitives/index.ts'
import type { Height, UnixTime } from '../units/index.ts'
import { computeFeeRate, type FeeRate } from './fee-rate.ts'
import type { Mempool } from './mempool.ts'
import { type MempoolEntry, modifiedFee } from './mempool-entry.ts'
import { type MiningPlace, orderForMining } from './mining-order.ts'

/** Why a transaction waits. */
export type WaitingReason =
  /** The next block will hold it, if its miner knows it. */
  | { readonly reason: 'next-block'; readonly sizeAhead: number }
  /** It would be in the next block, but came so late that miners may not work on it yet. */
  | { readonly reason: 'just-arrived'; readonly seconds: number }
  /** Others pay more. `blocks`: 2 for the block after the next; `needed`: what the next block takes. */
  | {
      readonly reason: 'fee-too-low'
      readonly sizeAhead: number
      readonly blocks: number
      readonly feeRate: FeeRate
      readonly needed: FeeRate
    }
  /** It pays enough itself, but what it depends on does not. */
  | {
      readonly reason: 'parents'
      readonly parents: readonly Txid[]
      readonly sizeAhead: number
      readonly blocks: number
      readonly feeRate: FeeRate
      readonly needed: FeeRate
    }
  /** Its lock time is not reached: that of a block, or a median time past. */
  | {
      readonly reason: 'lock-time'
      readonly unit: 'height' | 'time'
      readonly lockTime: number
      readonly now: number
    }
  /** A coin that it spends must be older, as it says itself. */
  | { readonly reason: 'relative-lock' }
  /** It spends a coinbase that can be spent in the block of height `spendable` and later. */
  | { readonly reason: 'immature'; readonly outpoint: OutPoint; readonly spendable: Height }
  /** It spends outputs that are not known here, or were spent by the chain. */
  | { readonly reason: 'missing-inputs'; readonly missing: readonly OutPoint[] }
  /** Nothing holds it back, but it is not here: it must be handed in. */
  | { readonly reason: 'not-here' }

/** Why a transaction waits, with a sentence that says so. */
export type Waiting = WaitingReason & { readonly sentence: string }

/** What is looked at to explain why something waits. */
export interface WaitingContext {
  readonly chain: Pick<ChainManager, 'tip' | 'spec' | 'readCoin'>
  readonly mempool: Pick<Mempool, 'get' | 'entries'>
  /** The time now, in Unix seconds. */
  readonly now: UnixTime
  /** Most weight of a block's transactions; of a whole block unless given. */
  readonly maxWeight?: number
}

/** Seconds after which a miner should know a transaction. */
const ARRIVAL_SECONDS = 30

/** Says why a transaction, which may wait here or not, is in no block yet. Takes as long as making a block template. */
export function explainWaiting(transaction: Transaction, context: WaitingContext): Waiting {
  const entry = context.mempool.get(txid(transaction))
  const reason = entry === undefined ? explainAbsence(transaction, context) : explainEntry(entry, context)
  return { ...reason, sentence: sentenceOf(reason) }
}

function explainEntry(entry: MempoolEntry, context: WaitingContext): WaitingReason {
  const maxWeight = context.maxWeight ?? MAX_BLOCK_WEIGHT
  const next = orderForMining(context.mempool.entries(), maxWeight)
  const place = next.find((one) => one.entry === entry)
  if (place === undefined) return explainLowFee(entry, context, next)
  const seconds = context.now - entry.time
  return seconds < ARRIVAL_SECONDS
    ? { reason: 'just-arrived', seconds: Math.max(seconds, 0) }
    : { reason: 'next-block', sizeAhead: place.sizeAhead }
}

function explainLowFee(
  entry: MempoolEntry,
  { mempool, maxWeight = MAX_BLOCK_WEIGHT }: WaitingContext,
  next: readonly MiningPlace[],
): WaitingReason {
  const all = orderForMining(mempool.entries(), Number.POSITIVE_INFINITY)
  const { feeRate, sizeAhead } = all.find((one) => one.entry === entry) as MiningPlace
  const blocks = Math.max(Math.floor((sizeAhead * WITNESS_SCALE) / maxWeight) + 1, 2)
  const needed = lowestFeeRate(next) ?? feeRate
  const own = computeFeeRate(modifiedFee(entry), entry.size)
  const parents = [...entry.parents].map((parent) => parent.txid)
  if (parents.length > 0 && own > needed)
    return { reason: 'parents', parents, sizeAhead, blocks, feeRate, needed }
  return { reason: 'fee-too-low', sizeAhead, blocks, feeRate, needed }
}

/** The last package need not be the lowest: once its parent is paid for, a child may stand higher than before. */
function lowestFeeRate(places: readonly MiningPlace[]): FeeRate | undefined {
  let lowest = places[0]?.feeRate
  for (const { feeRate } of places) if (lowest !== undefined && feeRate < lowest) lowest = feeRate
  return lowest
}

function explainAbsence(transaction: Transaction, context: WaitingContext): WaitingReason {
  const { tip } = context.chain
  const { lockTime } = transaction
  const unit = lockTime < LOCK_TIME_THRESHOLD ? 'height' : 'time'
  const now = unit === 'height' ? tip.height : medianTimePast(tip)
  if (!isFinal(transaction, tip.height + 1, medianTimePast(tip)))
    return { reason: 'lock-time', unit, lockTime, now }
  return explainCoins(transaction, context) ?? { reason: 'not-here' }
}

function explainCoins(transaction: Transaction, context: WaitingContext): WaitingReason | undefined {
  const { tip, spec } = context.chain
  const outpoints = transaction.inputs.map(({ previousOutput }) => previousOutput)
  const coins = outpoints.map((outpoint) => readCoin(outpoint, context))
  const missing = outpoints.filter((_, index) => coins[index] === undefined)
  if (missing.length > 0) return { reason: 'missing-inputs', missing }
  const known = coins as Coin[]
  for (const [index, { isCoinbase, height }] of known.entries()) {
    const spendable = height + spec.consensus.coinbaseMaturity
    if (isCoinbase && spendable > tip.height + 1)
      return { reason: 'immature', outpoint: outpoints[index] as OutPoint, spendable }
  }
  const heights = known.map(({ height }) => height)
  return areSequencesFinal(transaction, heights, tip) ? undefined : { reason: 'relative-lock' }
}

function readCoin(outpoint: OutPoint, { chain, mempool }: WaitingContext): Coin | undefined {
  const output = mempool.get(outpoint.txid)?.transaction.outputs[outpoint.index]
  if (output !== undefined) return { output, height: chain.tip.height + 1, isCoinbase: false }
  return chain.readCoin(outpoint)
}

function sentenceOf(waiting: WaitingReason): string {
  switch (waiting.reason) {
    case 'next-block':
      return `It stands in line for the next block, with ${waiting.sizeAhead} virtual bytes before it.`
    case 'just-arrived':
      return `It came ${waiting.seconds} seconds ago: the next block, or the one after it, will hold it.`
    case 'fee-too-low':
      return `It pays ${waiting.feeRate} base units per 1,000 virtual bytes where the next block takes ${waiting.needed}: ${queue(waiting)}.`
    case 'parents':
      return `What it depends on pays too little: together they pay ${waiting.feeRate} base units per 1,000 virtual bytes where the next block takes ${waiting.needed}: ${queue(waiting)}.`
    case 'lock-time':
      return waiting.unit === 'height'
        ? `It may stand in blocks after height ${waiting.lockTime}; the chain has height ${waiting.now}.`
        : `It may stand in a block when the median time of the chain is past ${waiting.lockTime}; it is ${waiting.now}.`
    case 'relative-lock':
      return 'It says itself that a coin which it spends must be older.'
    case 'immature':
      return `It spends the coinbase output ${formatOutPoint(waiting.outpoint)}, which can be spent from height ${waiting.spendable} on.`
    case 'missing-inputs':
      return `It spends outputs that are not known here or are spent already: ${listed(waiting.missing)}.`
    case 'not-here':
      return 'Nothing holds it back, but it does not wait here: hand it in again.'
  }
}

function queue({ sizeAhead, blocks }: { readonly sizeAhead: number; readonly blocks: number }): string {
  return `${sizeAhead} virtual bytes go first, so that it may be in block ${blocks} from now`
}

/** Most outputs that a sentence names. */
const MAX_LISTED = 3

function listed(outpoints: readonly OutPoint[]): string {
  const named = outpoints.slice(0, MAX_LISTED).map(formatOutPoint).join(', ')
  const rest = outpoints.length - MAX_LISTED
  return rest > 0 ? `${named} and ${rest} more` : named
}
