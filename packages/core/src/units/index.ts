/** Amounts, heights, times, targets and work. */
export { type Amount, COIN, formatAmount, isAmountInRange, MAX_AMOUNT, parseAmount } from './amount.ts'
export type { Height, UnixTime } from './quantities.ts'
export {
  type CompactTarget,
  compactFromTarget,
  MAX_TARGET,
  type Target,
  targetFromCompact,
} from './target.ts'
export { type Work, workFromTarget } from './work.ts'
