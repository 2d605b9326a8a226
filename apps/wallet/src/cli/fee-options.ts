/** The options about fees that paying commands have. */
import { usageError } from '@chain/cli'
import type { FeeRate } from '@chain/core/mempool'
import { type Amount, formatAmount, parseAmount } from '@chain/core/units'
import { DEFAULT_MAX_FEE, WalletError } from '@chain/core/wallet'
import type { Command } from 'commander'
import { feeAbsurd } from '../errors.ts'

/** Values of the options. */
export interface FeeOptions {
  readonly feeRate: string
  readonly maxFee: string
}

/** Adds `--fee-rate` and `--max-fee`. @param feeRate - what the first is, for people */
export function addFeeOptions(command: Command, feeRate: string): Command {
  return command
    .option('--fee-rate <rate>', feeRate, '2')
    .option('--max-fee <coins>', 'refuse to pay a higher fee', formatAmount(DEFAULT_MAX_FEE))
}

/** Reads the options. @throws {OperationalError} `usage` @throws {ParseError} `amount-*` */
export function parseFeeOptions({ feeRate, maxFee }: FeeOptions): { feeRate: FeeRate; maxFee: Amount } {
  return { feeRate: parseFeeRate(feeRate), maxFee: parseAmount(maxFee) }
}

/** Base units per virtual byte as text to base units per 1,000. */
function parseFeeRate(text: string): FeeRate {
  const match = /^(\d{1,9})(?:\.(\d{1,3}))?$/.exec(text)
  if (match === null) {
    throw usageError(`"${text}" is not a fee rate such as 2 or 1.5 base units per virtual byte.`)
  }
  const [, whole = '', fraction = ''] = match
  return BigInt(whole) * 1_000n + BigInt(fraction.padEnd(3, '0'))
}

/** Plans a payment; a fee above the limit is refused with the option that moves the limit. */
export function withinMaxFee<Plan>(maxFee: Amount, plan: () => Plan): Plan {
  try {
    return plan()
  } catch (error) {
    if (error instanceof WalletError && error.code === 'fee-absurd') throw feeAbsurd(error, maxFee)
    throw error
  }
}
