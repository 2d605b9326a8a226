/**
 * Transactions of a block that the receiver of its compact form lacks: the question for them, and the answer.
 *
 *     question    block hash 32 | CompactSize count, each: CompactSize index
 *     answer      block hash 32 | CompactSize count, transactions
 *
 * An index is written as its distance to the place after the one before.
 *
 * Source: BIP152, `BlockTransactionsRequest` and `BlockTransactions`; docs/protocol/encoding.md#block-transactions
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import type { BlockHash } from './ids.ts'
import { readTransaction, type Transaction, writeTransaction } from './transaction.ts'

/** Which transactions of a block are wanted. */
export interface BlockTransactionsRequest {
  /** 32 bytes in hash order. */
  readonly block: BlockHash
  /** Places in the block, ascending, each below 65,536. */
  readonly indexes: readonly number[]
}

/** Transactions of a block, in the order in which they were asked for. */
export interface BlockTransactions {
  /** 32 bytes in hash order. */
  readonly block: BlockHash
  readonly transactions: readonly Transaction[]
}

/** Places in a block fit into 16 bits. Source: BIP152. */
const MAX_INDEX = 0xffff

/** Smallest encoding of a transaction. */
const MIN_TRANSACTION_LENGTH = 10

/**
 * Reads a question that takes all of `bytes`. The result does not view them.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `block-index-too-large` when an index does not fit into 16 bits
 */
export function decodeBlockTransactionsRequest(bytes: Bytes): BlockTransactionsRequest {
  const reader = new ByteReader(bytes)
  const block = reader.readBytes(32).slice()
  const count = reader.readCount(1)
  const indexes: number[] = []
  let next = 0
  for (let i = 0; i < count; i++) {
    const index = next + reader.readCompactSize()
    if (index > MAX_INDEX) throw indexTooLarge(index)
    indexes.push(index)
    next = index + 1
  }
  reader.expectEnd()
  return { block, indexes }
}

function indexTooLarge(index: number): DecodeError {
  return new DecodeError('block-index-too-large', `No block has a transaction at ${index}.`, { index })
}

/** The encoding of a question. */
export function encodeBlockTransactionsRequest({ block, indexes }: BlockTransactionsRequest): Uint8Array {
  const writer = new ByteWriter(35 + indexes.length)
  writer.writeBytes(block).writeCompactSize(indexes.length)
  let next = 0
  for (const index of indexes) {
    writer.writeCompactSize(index - next)
    next = index + 1
  }
  return writer.toBytes()
}

/**
 * Reads an answer that takes all of `bytes`. The transactions view `bytes`.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `transaction-*`
 */
export function decodeBlockTransactions(bytes: Bytes): BlockTransactions {
  const reader = new ByteReader(bytes)
  const block = reader.readBytes(32).slice()
  const count = reader.readCount(MIN_TRANSACTION_LENGTH)
  const transactions: Transaction[] = []
  for (let i = 0; i < count; i++) transactions.push(readTransaction(reader))
  reader.expectEnd()
  return { block, transactions }
}

/** The encoding of an answer. */
export function encodeBlockTransactions({ block, transactions }: BlockTransactions): Uint8Array {
  const writer = new ByteWriter(1_024)
  writer.writeBytes(block).writeCompactSize(transactions.length)
  for (const transaction of transactions) writeTransaction(writer, transaction)
  return writer.toBytes()
}
