/**
 * What fee estimates are made from: of each class of fee rates, how many transactions were confirmed within how many
 * blocks, and how many had waited so long in vain. Old counts fade.
 *
 *     version u8 = 1, then for each class, all f64 little-endian:
 *     confirmed | sum of their fee rates | confirmed within 1 … 48 blocks | waited 1 … 48 blocks in vain
 *
 * The size never changes: {@link FEE_CLASSES} classes.
 *
 * Source: docs/protocol/policy.md#fee-estimates; after Bitcoin Core, `TxConfirmStats`
 */
import type { Bytes } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import type { FeeRate } from './fee-rate.ts'

/** Most blocks that are told apart. */
export const MAX_ESTIMATE_BLOCKS = 48

/** The lowest fee rate that is told apart, in base units per 1,000 virtual bytes; what is below counts as this. */
export const MIN_RATE = 1_000

/** The highest fee rate that is told apart; what is above counts as this. */
export const MAX_RATE = 10_000_000

const STEP = 1.1

/** How many classes of fee rates there are: 1,000 to 10,000,000 base units per 1,000 virtual bytes, each a tenth wider. */
export const FEE_CLASSES: number = classOfRate(MAX_RATE) + 1

/** What is left of a count after one block: half of it after 346 blocks. */
const FADING = 0.998

const VERSION = 1
const COUNTS = 2 + 2 * MAX_ESTIMATE_BLOCKS
const LENGTH = 1 + FEE_CLASSES * COUNTS * 8
/** More than any count or sum can be. */
const MAX_VALUE = 2 ** 63

/** The class of a fee rate: 0 to {@link FEE_CLASSES} - 1. */
export function feeClass(rate: FeeRate): number {
  return classOfRate(Number(rate))
}

function classOfRate(rate: number): number {
  const bounded = Math.min(Math.max(rate, MIN_RATE), MAX_RATE)
  return Math.floor(Math.log(bounded / MIN_RATE) / Math.log(STEP))
}

/** Counts of transactions, which fade. */
export class FeeHistory {
  /** {@link COUNTS} of each class: confirmed, sum of rates, confirmed within n blocks, waited n blocks in vain. */
  readonly #counts: Float64Array

  constructor(counts: Float64Array = new Float64Array(FEE_CLASSES * COUNTS)) {
    this.#counts = counts
  }

  /** Takes notice of a transaction that waited for `blocks` blocks, the one that holds it included; at least 1. */
  addConfirmed(rate: FeeRate, blocks: number): void {
    const start = feeClass(rate) * COUNTS
    this.#increase(start, 1)
    this.#increase(start + 1, Math.min(Math.max(Number(rate), MIN_RATE), MAX_RATE))
    for (let target = blocks; target <= MAX_ESTIMATE_BLOCKS; target++) this.#increase(start + 1 + target, 1)
  }

  /** Takes notice of a transaction that waited for `blocks` blocks, none of which held it. */
  addFailed(rate: FeeRate, blocks: number): void {
    const start = feeClass(rate) * COUNTS + 1 + MAX_ESTIMATE_BLOCKS
    for (let target = 1; target <= Math.min(blocks, MAX_ESTIMATE_BLOCKS); target++)
      this.#increase(start + target, 1)
  }

  /** Lets every count fade by one block. */
  fade(): void {
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i] = (this.#counts[i] as number) * FADING
  }

  /** How many of a class were confirmed at all. */
  confirmed(index: number): number {
    return this.#at(index * COUNTS)
  }

  /** Sum of the fee rates of all of a class that were confirmed. */
  rates(index: number): number {
    return this.#at(index * COUNTS + 1)
  }

  /** How many of a class were confirmed within `target` blocks. */
  confirmedWithin(index: number, target: number): number {
    return this.#at(index * COUNTS + 1 + target)
  }

  /** How many of a class waited for `target` blocks in vain. */
  failedAfter(index: number, target: number): number {
    return this.#at(index * COUNTS + 1 + MAX_ESTIMATE_BLOCKS + target)
  }

  /** All counts, as `decodeFeeHistory` reads them. */
  encode(): Uint8Array {
    const bytes = new Uint8Array(LENGTH)
    const view = new DataView(bytes.buffer)
    view.setUint8(0, VERSION)
    this.#counts.forEach((count, index) => {
      view.setFloat64(1 + 8 * index, count, true)
    })
    return bytes
  }

  #at(index: number): number {
    return this.#counts[index] as number
  }

  #increase(index: number, by: number): void {
    this.#counts[index] = this.#at(index) + by
  }
}

/**
 * Reads counts.
 *
 * @throws {DecodeError} `fee-history-malformed` for any other version or length, and for impossible counts
 */
export function decodeFeeHistory(bytes: Bytes): FeeHistory {
  if (bytes.length !== LENGTH) throw malformed(`${bytes.length} bytes are not ${LENGTH}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint8(0) !== VERSION) throw malformed(`version ${view.getUint8(0)} is not known`)
  const counts = new Float64Array(FEE_CLASSES * COUNTS)
  for (let i = 0; i < counts.length; i++) {
    const count = view.getFloat64(1 + 8 * i, true)
    if (!(count >= 0 && count <= MAX_VALUE)) throw malformed(`${count} is no count`)
    counts[i] = count
  }
  const history = new FeeHistory(counts)
  for (let index = 0; index < FEE_CLASSES; index++) checkOrder(history, index)
  return history
}

/** What was confirmed within some blocks was confirmed within more. Fading keeps this exactly. */
function checkOrder(history: FeeHistory, index: number): void {
  let within = 0
  for (let target = 1; target <= MAX_ESTIMATE_BLOCKS; target++) {
    const next = history.confirmedWithin(index, target)
    if (next < within) throw malformed(`class ${index} shrinks with the number of blocks`)
    within = next
  }
  if (within > history.confirmed(index)) throw malformed(`class ${index} has more in time than in all`)
}

function malformed(reason: string): DecodeError {
  return new DecodeError('fee-history-malformed', `The saved fee history cannot be used: ${reason}.`, {
    reason,
  })
}
