/**
 * A mempool as bytes, to outlive its process. Nothing in them is believed: loading checks every transaction again.
 *
 *     version u8 = 1
 *     CompactSize count, each: txid 32 | fee delta i64
 *     up to the end, each: time CompactSize | flags u8 | CompactSize length | transaction
 *
 * Both ways go piece by piece: a full mempool is so long that whoever reads or writes it has to give way to others.
 *
 * Source: docs/protocol/policy.md#saved-mempools
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import { decodeTransaction, encodeTransaction, type Transaction, type Txid } from '../primitives/index.ts'
import type { Amount, UnixTime } from '../units/index.ts'
import { MAX_PRIORITIES } from './priorities.ts'

/** A waiting transaction that was saved. */
export interface SavedTransaction {
  readonly transaction: Transaction
  /** When it was accepted. */
  readonly time: UnixTime
  /** Whether it was handed in here, and no peer was known to have it. */
  readonly unbroadcast: boolean
}

/** What is saved of a mempool. */
export interface SavedMempool {
  /** What transactions count as paying beyond their fees, in base units. */
  readonly priorities: readonly (readonly [Txid, Amount])[]
  /** Parents before their children. */
  readonly transactions: Iterable<SavedTransaction>
}

const VERSION = 1

/** Bit 0: no peer is known to have it. The others are 0. */
const UNBROADCAST = 1

/** Bytes of a priority, which bound their count before anything is allocated. */
const PRIORITY_LENGTH = 40

/** Bytes from which on a piece is handed out. */
const PIECE_LENGTH = 65_536

/** The bytes of a mempool, in pieces of little more than 64 KiB. */
export function* encodeMempool({ priorities, transactions }: SavedMempool): Generator<Uint8Array> {
  const writer = new ByteWriter(2 * PIECE_LENGTH)
  writer.writeUint8(VERSION).writeCompactSize(priorities.length)
  for (const [id, delta] of priorities) writer.writeBytes(id).writeInt64(delta)
  for (const { transaction, time, unbroadcast } of transactions) {
    writer.writeCompactSize(time).writeUint8(unbroadcast ? UNBROADCAST : 0)
    writer.writeVarBytes(encodeTransaction(transaction))
    if (writer.length < PIECE_LENGTH) continue
    yield writer.toBytes()
    writer.clear()
  }
  yield writer.toBytes()
}

/**
 * Reads a mempool. Transactions are decoded one after the other when they are asked for; none of them views `bytes`.
 *
 * @throws {DecodeError} `mempool-version-unknown`, `mempool-priorities-too-many`, and what reading bytes throws; while
 *   transactions are asked for `mempool-flags-unknown`, and what reading bytes and transactions throws
 */
export function decodeMempool(bytes: Bytes): SavedMempool {
  const reader = new ByteReader(bytes)
  const version = reader.readUint8()
  if (version !== VERSION) throw unknownVersion(version)
  const priorities = readPriorities(reader)
  const start = reader.offset
  return { priorities, transactions: { [Symbol.iterator]: () => readTransactions(bytes, start) } }
}

function readPriorities(reader: ByteReader): SavedMempool['priorities'] {
  const count = reader.readCount(PRIORITY_LENGTH)
  if (count > MAX_PRIORITIES) throw tooManyPriorities(count)
  return Array.from({ length: count }, () => [reader.readBytes(32).slice(), reader.readInt64()])
}

function* readTransactions(bytes: Bytes, start: number): Generator<SavedTransaction> {
  const reader = new ByteReader(bytes, start)
  while (reader.remaining > 0) {
    const time = reader.readCompactSize()
    const flags = reader.readUint8()
    if (flags > UNBROADCAST) throw unknownFlags(flags)
    const transaction = decodeTransaction(reader.readVarBytes().slice())
    yield { transaction, time, unbroadcast: flags === UNBROADCAST }
  }
}

function unknownVersion(version: number): DecodeError {
  const sentence = `The mempool was saved in version ${version} of its layout; only ${VERSION} can be read.`
  return new DecodeError('mempool-version-unknown', sentence, { version })
}

function tooManyPriorities(count: number): DecodeError {
  const sentence = `The saved mempool has ${count} priorities, more than ${MAX_PRIORITIES}.`
  return new DecodeError('mempool-priorities-too-many', sentence, { count, limit: MAX_PRIORITIES })
}

function unknownFlags(flags: number): DecodeError {
  const sentence = `The saved mempool has a transaction with flags ${flags}, which mean nothing.`
  return new DecodeError('mempool-flags-unknown', sentence, { flags })
}
