/**
 * Statistics of one block: sizes, fees, and what it does to the set of unspent outputs. Amounts in base units.
 *
 * Source: Bitcoin Core, `getblockstats`
 */
import { compactSizeLength } from '@chain/core/bytes'
import type { BlockUndo } from '@chain/core/chain'
import { WITNESS_SCALE } from '@chain/core/consensus'
import {
  type Block,
  hasWitness,
  type Transaction,
  type TransactionOutput,
  transactionLength,
  transactionWeight,
} from '@chain/core/primitives'
import { isUnspendable } from '@chain/core/script'

/** Bytes of an unspent output beside the output itself: outpoint 36, height 4, coinbase 1. */
const COIN_OVERHEAD = 41

/** Parts of the block's weight at which fee rates are told. */
const PERCENTILES = [0.1, 0.25, 0.5, 0.75, 0.9] as const

/** What is known of a transaction that is no coinbase. */
interface Facts {
  readonly size: number
  readonly weight: number
  readonly hasWitness: boolean
  /** Base units. */
  readonly fee: number
  /** Base units per virtual byte, rounded down. */
  readonly feeRate: number
}

/**
 * The statistics that follow from the block alone.
 *
 * @param undo - what its transactions after the coinbase spent
 * @param isGenesis - whose outputs are no coins
 */
export function blockStats(
  { transactions }: Block,
  undo: BlockUndo,
  isGenesis: boolean,
): Record<string, unknown> {
  const others = transactions.slice(1)
  const facts = others.map((transaction, index) =>
    factsOf(
      transaction,
      (undo[index] ?? []).map(({ output }) => output),
    ),
  )
  const outputs = transactions.flatMap((transaction) => transaction.outputs)
  const spent = undo.flatMap((coins) => coins.map(({ output }) => output))
  const made = isGenesis ? [] : outputs.filter(({ scriptPubKey }) => !isUnspendable(scriptPubKey))
  const witnesses = facts.filter((each) => each.hasWitness)
  return {
    ...feeStats(facts),
    ...sizeStats(facts),
    ins: spent.length,
    outs: outputs.length,
    swtotal_size: sum(witnesses.map(({ size }) => size)),
    swtotal_weight: sum(witnesses.map(({ weight }) => weight)),
    swtxs: witnesses.length,
    total_out: sum(others.flatMap((transaction) => transaction.outputs).map(({ value }) => Number(value))),
    txs: transactions.length,
    utxo_increase: outputs.length - spent.length,
    utxo_size_inc: coinBytes(outputs) - coinBytes(spent),
    utxo_increase_actual: made.length - spent.length,
    utxo_size_inc_actual: coinBytes(made) - coinBytes(spent),
  }
}

function factsOf(transaction: Transaction, spent: readonly TransactionOutput[]): Facts {
  const weight = transactionWeight(transaction)
  const fee = Number(totalValue(spent) - totalValue(transaction.outputs))
  const feeRate = Math.floor((fee * WITNESS_SCALE) / weight)
  return { size: transactionLength(transaction), weight, hasWitness: hasWitness(transaction), fee, feeRate }
}

function feeStats(facts: readonly Facts[]): Record<string, unknown> {
  const fees = facts.map(({ fee }) => fee)
  const rates = facts.map(({ feeRate }) => feeRate)
  const total = sum(fees)
  const weight = sum(facts.map((each) => each.weight))
  return {
    avgfee: average(fees),
    avgfeerate: weight === 0 ? 0 : Math.floor((total * WITNESS_SCALE) / weight),
    feerate_percentiles: percentiles(facts, weight),
    maxfee: greatest(fees),
    maxfeerate: greatest(rates),
    medianfee: median(fees),
    minfee: least(fees),
    minfeerate: least(rates),
    totalfee: total,
  }
}

function sizeStats(facts: readonly Facts[]): Record<string, unknown> {
  const sizes = facts.map(({ size }) => size)
  return {
    avgtxsize: average(sizes),
    maxtxsize: greatest(sizes),
    mediantxsize: median(sizes),
    mintxsize: least(sizes),
    total_size: sum(sizes),
    total_weight: sum(facts.map(({ weight }) => weight)),
  }
}

/** Fee rates below which these parts of the weight are. */
function percentiles(facts: readonly Facts[], weight: number): number[] {
  const sorted = [...facts].sort((a, b) => a.feeRate - b.feeRate)
  let reached = 0
  let next = 0
  return PERCENTILES.map((part) => {
    while (next < sorted.length && reached < part * weight) {
      reached += sorted[next]?.weight ?? 0
      next += 1
    }
    return sorted[Math.max(0, next - 1)]?.feeRate ?? 0
  })
}

function coinBytes(outputs: readonly TransactionOutput[]): number {
  return sum(
    outputs.map(({ scriptPubKey: { length } }) => COIN_OVERHEAD + 8 + compactSizeLength(length) + length),
  )
}

function totalValue(outputs: readonly TransactionOutput[]): bigint {
  return outputs.reduce((total, { value }) => total + value, 0n)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function average(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : Math.floor(sum(numbers) / numbers.length)
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0)
}

function least(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((fewest, number) => Math.min(fewest, number))
}

/** Of an even count the mean of the two in the middle, rounded down. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] =
    sorted.length % 2 === 0 ? [sorted[middle - 1], sorted[middle]] : [sorted[middle], sorted[middle]]
  return Math.floor((low + high) / 2)
}
