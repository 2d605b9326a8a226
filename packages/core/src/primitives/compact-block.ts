/**
 * Compact blocks: a block whose transactions are named by short ids, for a receiver that has most of them already.
 *
 *     header 80 | nonce u64 | CompactSize count, short ids 6 each
 *               | CompactSize count, each: CompactSize index, transaction
 *
 * An index is written as its distance to the index after the one before. Not for putting the block together again: that
 * needs a mempool.
 *
 * Source: BIP152, version 2 (short ids of wtxids); docs/protocol/encoding.md#compact-block
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { type SipHashKey, sha256, siphashInto, siphashKey } from '../crypto/index.ts'
import { DecodeError } from '../errors/index.ts'
import type { Block } from './block.ts'
import { type BlockHeader, encodeHeader, HEADER_LENGTH, readHeader } from './block-header.ts'
import type { Wtxid } from './ids.ts'
import { readTransaction, type Transaction, writeTransaction } from './transaction.ts'
import { wtxids } from './txid.ts'

/** 48 bits, which name a transaction in one compact block only. */
export type ShortId = number

/** A transaction that is sent in full. */
export interface PrefilledTransaction {
  /** Position in the block, from 0. */
  readonly index: number
  readonly transaction: Transaction
}

/** A block of which most transactions are only named. */
export interface CompactBlock {
  readonly header: BlockHeader
  /** u64: makes short ids unforeseeable. */
  readonly nonce: bigint
  /** Of the transactions that are not sent in full, in the block's order. */
  readonly shortIds: readonly ShortId[]
  /** Ascending by index. */
  readonly prefilled: readonly PrefilledTransaction[]
}

/** Bytes of a short id. */
const SHORT_ID_LENGTH = 6

/** Smallest encoding of an index and a transaction. */
const MIN_PREFILLED_LENGTH = 11

/** Positions in a block fit into 16 bits. Source: BIP152. */
const MAX_TRANSACTIONS = 0x10000

/**
 * Reads a compact block that takes all of `bytes`. The result views `bytes`.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `transaction-*`, `compact-block-index` when a transaction would stand
 *   behind the end of the block or beyond 16 bits
 */
export function decodeCompactBlock(bytes: Bytes): CompactBlock {
  const reader = new ByteReader(bytes)
  const header = readHeader(reader)
  const nonce = BigInt.asUintN(64, reader.readInt64())
  const shortIds: ShortId[] = []
  const count = reader.readCount(SHORT_ID_LENGTH)
  for (let i = 0; i < count; i++) shortIds.push(reader.readUint32() + reader.readUint16() * 2 ** 32)
  const prefilled = readPrefilled(reader, shortIds.length)
  reader.expectEnd()
  return { header, nonce, shortIds, prefilled }
}

function readPrefilled(reader: ByteReader, shortIds: number): PrefilledTransaction[] {
  const count = reader.readCount(MIN_PREFILLED_LENGTH)
  const total = shortIds + count
  const prefilled: PrefilledTransaction[] = []
  let next = 0
  for (let i = 0; i < count; i++) {
    const index = next + reader.readCompactSize()
    // What follows needs places too.
    if (index > total - (count - i) || total > MAX_TRANSACTIONS) {
      const message = `A compact block of ${total} transactions has none at ${index}.`
      throw new DecodeError('compact-block-index', message, { index, total })
    }
    prefilled.push({ index, transaction: readTransaction(reader) })
    next = index + 1
  }
  return prefilled
}

/** The encoding of a compact block. */
export function encodeCompactBlock(block: CompactBlock): Uint8Array {
  const writer = new ByteWriter(HEADER_LENGTH + 20 + SHORT_ID_LENGTH * block.shortIds.length)
  writer.writeBytes(encodeHeader(block.header)).writeInt64(BigInt.asIntN(64, block.nonce))
  writer.writeCompactSize(block.shortIds.length)
  for (const id of block.shortIds) writer.writeUint32(id % 2 ** 32).writeUint16(Math.floor(id / 2 ** 32))
  writer.writeCompactSize(block.prefilled.length)
  let next = 0
  for (const { index, transaction } of block.prefilled) {
    writer.writeCompactSize(index - next)
    writeTransaction(writer, transaction)
    next = index + 1
  }
  return writer.toBytes()
}

/**
 * The compact form of a block, with the coinbase in full: nobody can have that.
 *
 * @param nonce - u64, random
 */
export function createCompactBlock({ header, transactions }: Block, nonce: bigint): CompactBlock {
  const [coinbase, ...others] = transactions
  const key = shortIdKey(header, nonce)
  return {
    header,
    nonce,
    shortIds: wtxids(others).map((id) => shortId(key, id)),
    prefilled: coinbase === undefined ? [] : [{ index: 0, transaction: coinbase }],
  }
}

/** The key of the short ids of a compact block: the first 16 bytes of the SHA-256 of header and nonce. */
export function shortIdKey(header: BlockHeader, nonce: bigint): SipHashKey {
  const writer = new ByteWriter(HEADER_LENGTH + 8)
  writer.writeBytes(encodeHeader(header)).writeInt64(BigInt.asIntN(64, nonce))
  return siphashKey(sha256(writer.toBytes()))
}

const hash = new Uint32Array(2)

/** The short id of a transaction: the lower 48 bits of the SipHash of its wtxid. */
export function shortId(key: SipHashKey, id: Wtxid): ShortId {
  siphashInto(key, id, hash)
  return (hash[0] as number) + ((hash[1] as number) & 0xffff) * 2 ** 32
}
