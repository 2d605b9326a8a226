/**
 * The values of sealed rows and of block records.
 *
 * A block record:
 *
 *     header 80 | status u8 | transaction count varint | length of work u8, work BE | filter header 32, if any
 *
 * Status bits 0-1: validity (0 header, 1 connected, 2 invalid); bit 2: the body is there; bit 3: a filter header
 * follows. Varints are those of coins (base 128, least significant group first).
 *
 * Source: docs/protocol/storage.md
 */
import { crc32 } from 'node:zlib'
import { ByteReader, ByteWriter, bigintFromBytes, bigintToBytes, equalBytes } from '@chain/core/bytes'
import { type BlockRecord, type BlockValidity, readCoin, readVarint, writeVarint } from '@chain/core/chain'
import { DecodeError } from '@chain/core/errors'
import { blockHash, type Coin, encodeHeader, readHeader } from '@chain/core/primitives'

/** Length of the check at the end of a sealed value. */
export const SEAL_LENGTH = 4

const validities: readonly BlockValidity[] = ['header', 'connected', 'invalid']
const HAS_BODY = 4
const HAS_FILTER_HEADER = 8
/** Cumulative work stays below 2^256, whatever anybody mines. */
const MAX_WORK_LENGTH = 32

/** A new array: the value and the CRC-32 of key and value. */
export function sealValue(key: Uint8Array, value: Uint8Array): Uint8Array {
  // Every byte is set below: blocks are large enough for zeros to cost something.
  const sealed = new Uint8Array(Buffer.allocUnsafeSlow(value.length + SEAL_LENGTH).buffer)
  sealed.set(value)
  new DataView(sealed.buffer).setUint32(value.length, crc32(value, crc32(key)), true)
  return sealed
}

/** A view of the value inside a sealed one. @throws {DecodeError} `row-seal-broken` */
export function openSealed(key: Uint8Array, sealed: Uint8Array): Uint8Array {
  const length = sealed.length - SEAL_LENGTH
  if (length < 0) throw brokenSeal()
  const value = sealed.subarray(0, length)
  const check = new DataView(sealed.buffer, sealed.byteOffset).getUint32(length, true)
  if (check !== crc32(value, crc32(key))) throw brokenSeal()
  return value
}

function brokenSeal(): DecodeError {
  return new DecodeError('row-seal-broken', 'A row does not match its checksum.')
}

/** The value of a row of `headers`, not sealed yet. */
export function encodeRecord(record: BlockRecord): Uint8Array {
  const { filterHeader, chainWork } = record
  const work = bigintToBytes(chainWork, Math.ceil(chainWork.toString(16).length / 2))
  const flags = (record.hasBody ? HAS_BODY : 0) | (filterHeader === undefined ? 0 : HAS_FILTER_HEADER)
  const writer = new ByteWriter(160)
    .writeBytes(encodeHeader(record.header))
    .writeUint8(validities.indexOf(record.validity) | flags)
  writeVarint(writer, record.transactionCount).writeUint8(work.length).writeBytes(work)
  if (filterHeader !== undefined) writer.writeBytes(filterHeader)
  return writer.toBytes()
}

/**
 * Reads a row of `headers` whose key and opened value are given. All arrays in it are copies.
 *
 * @throws {DecodeError} `bytes-*`, `varint-too-long`, `record-malformed`
 */
export function decodeRecord(key: Uint8Array, value: Uint8Array): BlockRecord {
  // readHeader returns views, and one slice gives all of them a single array of their own.
  const reader = new ByteReader(value.slice())
  const header = readHeader(reader)
  const status = reader.readUint8()
  const transactionCount = readVarint(reader)
  const workLength = reader.readUint8()
  if (workLength > MAX_WORK_LENGTH) throw malformed('its work is above 2^256')
  const chainWork = bigintFromBytes(reader.readBytes(workLength))
  const filterHeader = (status & HAS_FILTER_HEADER) === 0 ? undefined : reader.readBytes(32)
  reader.expectEnd()
  const validity = validities[status & 3]
  if (validity === undefined || status > 15) throw malformed(`its status is ${status}`)
  const hash = blockHash(header)
  if (key.length !== 36 || !equalBytes(hash, key.subarray(4))) throw malformed('its key is not of its header')
  const height = new DataView(key.buffer, key.byteOffset).getUint32(0)
  const hasBody = (status & HAS_BODY) !== 0
  return { hash, height, header, chainWork, validity, hasBody, transactionCount, filterHeader }
}

function malformed(detail: string): DecodeError {
  return new DecodeError('record-malformed', `a block record is malformed: ${detail}`)
}

/** Reads a row of `coins`. @throws {DecodeError} `bytes-*`, `varint-too-long`, `coin-kind-unknown` */
export function decodeCoin(value: Uint8Array): Coin {
  const reader = new ByteReader(value)
  const coin = readCoin(reader)
  reader.expectEnd()
  return coin
}
