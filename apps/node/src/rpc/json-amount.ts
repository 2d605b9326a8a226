/**
 * Amounts in RPC results: JSON numbers of coins with 8 digits, as Bitcoin Core writes them, made from the exact base
 * units without floating point.
 */
import { type Amount, formatAmount } from '@chain/core/units'

declare global {
  interface JSON {
    /** A value that `JSON.stringify` writes as the given text. Source: ECMAScript proposal "JSON.parse source text access". */
    rawJSON(text: string): RawJson
  }
}

/** A piece of finished JSON text. */
export interface RawJson {
  readonly rawJSON: string
}

/** An amount as a JSON number of coins, such as `50.00000000`. */
export function jsonAmount(amount: Amount): RawJson {
  return JSON.rawJSON(formatAmount(amount))
}
