/**
 * Amounts of coins: `bigint` base units inside, decimal strings of coins outside, never floats.
 */
import { abbreviate } from '../bytes/index.ts'
import { ParseError } from '../errors/index.ts'

/** An amount in base units. */
export type Amount = bigint

/** Base units in one coin. */
export const COIN: Amount = 100_000_000n

/**
 * The largest amount that may stand in an output or result from adding outputs, in base units: 21,000,000 coins.
 *
 * Not the supply of a network: a bound that keeps sums far from overflow. Source: Bitcoin Core, `MAX_MONEY`.
 */
export const MAX_AMOUNT: Amount = 21_000_000n * COIN

/** Whether `amount` lies in 0 … {@link MAX_AMOUNT}. */
export function isAmountInRange(amount: Amount): boolean {
  return amount >= 0n && amount <= MAX_AMOUNT
}

/** Coins with exactly 8 digits after the point, such as `"0.00012300"`; negative amounts keep their sign. */
export function formatAmount(amount: Amount): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(9, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`
}

/**
 * Reads an amount of coins such as `1`, `0.5` or `12.00000001`: plain digits, at most 8 after the point, no sign, no
 * exponent, at most {@link MAX_AMOUNT}.
 *
 * @throws {ParseError} `amount-malformed`, `amount-negative`, `amount-too-precise`, `amount-out-of-range`
 */
export function parseAmount(text: string): Amount {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) {
    throw new ParseError('amount-malformed', `"${abbreviate(text)}" is not an amount of coins such as 0.5.`, {
      text,
    })
  }
  const [, sign = '', whole = '', fraction = ''] = match
  if (sign === '-') {
    throw new ParseError('amount-negative', `The amount ${abbreviate(text)} is negative.`, { text })
  }
  if (fraction.length > 8) {
    throw new ParseError(
      'amount-too-precise',
      `The amount ${abbreviate(text)} has more than 8 digits after the point.`,
      {
        text,
      },
    )
  }
  const amount = whole.length > 16 ? MAX_AMOUNT + 1n : BigInt(whole) * COIN + BigInt(fraction.padEnd(8, '0'))
  if (amount > MAX_AMOUNT) {
    const message = `The amount ${abbreviate(text)} is above the limit of ${formatAmount(MAX_AMOUNT)} coins.`
    throw new ParseError('amount-out-of-range', message, { text })
  }
  return amount
}
