/**
 * A block: a header and the transactions that it commits to, the coinbase first.
 *
 * Source: Bitcoin developer reference, "Serialized blocks"; docs/protocol/encoding.md#block
 */
import { ByteReader, type Bytes, ByteWriter, compactSizeLength } from '../bytes/index.ts'
import { type BlockHeader, encodeHeader, HEADER_LENGTH, readHeader } from './block-header.ts'
import { readTransaction, type Transaction, transactionLength, writeTransaction } from './transaction.ts'

/**
 * A block: its header, and its transactions with the coinbase first. Whether they fit together is for the rules to
 * say.
 */
export interface Block {
  readonly header: BlockHeader
  readonly transactions: readonly Transaction[]
}

/** Smallest encoding of a transaction in bytes, which bounds the count before anything is allocated. */
const MIN_TRANSACTION_LENGTH = 10

/**
 * Reads one block that takes all of `bytes`. The result views `bytes`; do not write into them afterwards.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `transaction-*`
 */
export function decodeBlock(bytes: Bytes): Block {
  const reader = new ByteReader(bytes)
  const header = readHeader(reader)
  const count = reader.readCount(MIN_TRANSACTION_LENGTH)
  const transactions: Transaction[] = []
  for (let i = 0; i < count; i++) transactions.push(readTransaction(reader))
  reader.expectEnd()
  return { header, transactions }
}

/** The encoding of a block, witnesses included. */
export function encodeBlock(block: Block): Uint8Array {
  const writer = new ByteWriter(blockLength(block))
  writer.writeBytes(encodeHeader(block.header)).writeCompactSize(block.transactions.length)
  for (const transaction of block.transactions) writeTransaction(writer, transaction)
  return writer.view
}

/** Length of the encoding in bytes, with witnesses or without. */
export function blockLength(block: Block, options: { witness?: boolean } = {}): number {
  let length = HEADER_LENGTH + compactSizeLength(block.transactions.length)
  for (const transaction of block.transactions) length += transactionLength(transaction, options)
  return length
}

/** Weight: three times the length without witnesses plus the full length. Source: BIP141, "Block size". */
export function blockWeight(block: Block): number {
  return 3 * blockLength(block, { witness: false }) + blockLength(block)
}
