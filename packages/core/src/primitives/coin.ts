/**
 * A coin: an output that nobody has spent yet, with what the rules need to know of where it came from.
 */
import type { Height } from '../units/index.ts'
import type { TransactionOutput } from './transaction.ts'

/** An unspent output with what the rules for spending it need to know. */
export interface Coin {
  readonly output: TransactionOutput
  /** Height of the block that made it. */
  readonly height: Height
  /** Whether a coinbase made it, so that it must mature. */
  readonly isCoinbase: boolean
}
