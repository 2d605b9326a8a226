/**
 * Reads what peers send about blocks in their compact form; bytes that are none become an error to blame them with.
 */
import type { Bytes } from '@chain/core/bytes'
import { DecodeError } from '@chain/core/errors'
import {
  type BlockTransactions,
  type BlockTransactionsRequest,
  type CompactBlock,
  decodeBlockTransactions,
  decodeBlockTransactionsRequest,
  decodeCompactBlock,
} from '@chain/core/primitives'

/** Reads a compact block; returns the error when the bytes are none. */
export function readCompactBlock(bytes: Bytes): CompactBlock | DecodeError {
  return orDecodeError(() => decodeCompactBlock(bytes))
}

/** Reads transactions of a block; returns the error when the bytes are none. */
export function readBlockTransactions(bytes: Bytes): BlockTransactions | DecodeError {
  return orDecodeError(() => decodeBlockTransactions(bytes))
}

/** Reads a question for transactions of a block; returns the error when the bytes are none. */
export function readBlockTransactionsRequest(bytes: Bytes): BlockTransactionsRequest | DecodeError {
  return orDecodeError(() => decodeBlockTransactionsRequest(bytes))
}

function orDecodeError<Value>(read: () => Value): Value | DecodeError {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return error
    throw error
  }
}
