/**
 * An outpoint names one output of one transaction.
 */
import { type Bytes, equalBytes } from '../bytes/index.ts'
import { formatHash, type Txid, ZERO_HASH } from './ids.ts'

/** Names one output of one transaction. */
export interface OutPoint {
  /** The transaction that made the output. */
  readonly txid: Txid
  /** Position among its outputs, from 0. */
  readonly index: number
}

/** The index in a coinbase's outpoint. */
export const NULL_INDEX = 0xffffffff

/** Whether this is the outpoint of a coinbase input, which names no output: zero hash and {@link NULL_INDEX}. */
export function isNullOutPoint(outpoint: OutPoint): boolean {
  return outpoint.index === NULL_INDEX && equalBytes(outpoint.txid, ZERO_HASH)
}

/**
 * A string that is equal exactly for equal outpoints: a key for `Map` and `Set`, not for display.
 *
 * 18 UTF-16 units of two bytes each, made at once: strings that are joined are slower to hash.
 */
export function outpointKey({ txid, index }: OutPoint): string {
  // biome-ignore format: the units as they follow each other
  return String.fromCharCode(
    unit(txid, 0), unit(txid, 2), unit(txid, 4), unit(txid, 6),
    unit(txid, 8), unit(txid, 10), unit(txid, 12), unit(txid, 14),
    unit(txid, 16), unit(txid, 18), unit(txid, 20), unit(txid, 22),
    unit(txid, 24), unit(txid, 26), unit(txid, 28), unit(txid, 30),
    index >>> 16, index & 0xffff,
  )
}

/** Two bytes as one UTF-16 unit. */
function unit(bytes: Bytes, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** The text `txid:index`. */
export function formatOutPoint(outpoint: OutPoint): string {
  return `${formatHash(outpoint.txid)}:${outpoint.index}`
}
