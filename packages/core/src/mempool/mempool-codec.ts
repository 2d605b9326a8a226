/**
 * A mempool as bytes, to outlive its process. Nothing in them is believed: loading checks every transaction again.
 *
 *     version u8 = 1
 *     CompactSize count, each: time CompactSize | CompactSize length | transaction
 *     CompactSize count, each: txid 32 | fee delta i64
 *
 * Source: docs/protocol/policy.md#saved-mempools
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import { decodeTransaction, encodeTransaction, type Transaction, type Txid } from '../primitives/index.ts'
import type { Amount, UnixTime } from '../units/index.ts'

/** A waiting transaction that was saved. */
export interface SavedTransaction {
  readonly transaction: Transaction
  /** When it was accepted. */
  readonly time: UnixTime
}

/** What is saved of a mempool. */
export interface SavedMempool {
  /** Parents before their children. */
  readonly transactions: readonly SavedTransaction[]
  /** What transactions count as paying beyond their fees, in base units. */
  readonly priorities: readonly (readonly [Txid, Amount])[]
}

const VERSION = 1

/** Smallest encodings, which bound counts before anything is allocated. */
const MIN_TRANSACTION_LENGTH = 12
const PRIORITY_LENGTH = 40

/** The bytes of a mempool. */
export function encodeMempool({ transactions, priorities }: SavedMempool): Uint8Array {
  const writer = new ByteWriter(65_536)
  writer.writeUint8(VERSION).writeCompactSize(transactions.length)
  for (const { transaction, time } of transactions)
    writer.writeCompactSize(time).writeVarBytes(encodeTransaction(transaction))
  writer.writeCompactSize(priorities.length)
  for (const [id, delta] of priorities) writer.writeBytes(id).writeInt64(delta)
  return writer.toBytes()
}

/**
 * Reads a mempool. What it takes in memory is bounded by a small multiple of `bytes`; the result does not view them.
 *
 * @throws {DecodeError} `mempool-version-unknown`, and what reading bytes and transactions throws
 */
export function decodeMempool(bytes: Bytes): SavedMempool {
  const reader = new ByteReader(bytes)
  const version = reader.readUint8()
  if (version !== VERSION) throw unknownVersion(version)
  const transactions = readList(reader, MIN_TRANSACTION_LENGTH, () => {
    const time = reader.readCompactSize()
    return { time, transaction: decodeTransaction(reader.readVarBytes().slice()) }
  })
  const priorities = readList(reader, PRIORITY_LENGTH, () => {
    return [reader.readBytes(32).slice(), reader.readInt64()] as const
  })
  reader.expectEnd()
  return { transactions, priorities }
}

function readList<Item>(reader: ByteReader, smallest: number, read: () => Item): Item[] {
  const count = reader.readCount(smallest)
  const items: Item[] = []
  for (let i = 0; i < count; i++) items.push(read())
  return items
}

function unknownVersion(version: number): DecodeError {
  const sentence = `The mempool was saved in version ${version} of its layout; only ${VERSION} can be read.`
  return new DecodeError('mempool-version-unknown', sentence, { version })
}
