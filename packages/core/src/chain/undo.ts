/**
 * Undo data: the coins that a block spent, so that the block can be disconnected again.
 *
 *     varint count of transactions after the coinbase, each: varint count of inputs, coins in input order
 *
 * Source: docs/protocol/storage.md#undo
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import type { Coin } from '../primitives/index.ts'
import { readCoin, readVarint, writeCoin, writeVarint } from './coin-codec.ts'

/** Spent coins of each transaction after the coinbase, in the order of its inputs. */
export type BlockUndo = readonly (readonly Coin[])[]

/** The bytes of undo data. */
export function encodeUndo(undo: BlockUndo): Uint8Array {
  const writer = new ByteWriter(1024)
  writeVarint(writer, undo.length)
  for (const coins of undo) {
    writeVarint(writer, coins.length)
    for (const coin of coins) writeCoin(writer, coin)
  }
  return writer.toBytes()
}

/** Reads undo data. @throws {DecodeError} `bytes-*`, `varint-*`, `coin-*` */
export function decodeUndo(bytes: Bytes): BlockUndo {
  const reader = new ByteReader(bytes)
  const undo = readList(reader, () => readList(reader, () => readCoin(reader)))
  reader.expectEnd()
  return undo
}

function readList<Item>(reader: ByteReader, read: () => Item): Item[] {
  const count = readVarint(reader)
  if (count > reader.remaining) {
    throw new DecodeError('bytes-truncated', `The encoding is too short for ${count} items.`, { count })
  }
  return Array.from({ length: count }, read)
}
