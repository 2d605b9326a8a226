/**
 * An outpoint names one output of one transaction.
 */
import { bytesKey, equalBytes } from '../bytes/index.ts'
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

/** A string that is equal exactly for equal outpoints: a key for `Map` and `Set`, not for display. */
export function outpointKey(outpoint: OutPoint): string {
  const { index } = outpoint
  return bytesKey(outpoint.txid) + String.fromCharCode(index >>> 16, index & 0xffff)
}

/** The text `txid:index`. */
export function formatOutPoint(outpoint: OutPoint): string {
  return `${formatHash(outpoint.txid)}:${outpoint.index}`
}
