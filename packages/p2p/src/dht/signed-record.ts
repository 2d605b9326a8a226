/**
 * A value of the hash table: signed by its publisher, numbered, and with an end.
 *
 * The number makes the newest one win wherever it is asked for; the end, inside what is signed, keeps anybody from
 * bringing back a value that its publisher has given up. Not for where values are kept (`value-records.ts`).
 *
 * Bytes: `sequence` (4, little-endian), `expires` (4, little-endian, Unix seconds), signature (64), value (0 to 1,024).
 *
 * Source: docs/protocol/peers.md#values
 */
import { ByteReader, ByteWriter, compareBytes } from '@chain/core/bytes'
import { dhtProtocolId } from '@chain/wire'
import { PeerError } from '../errors.ts'
import type { Identity } from '../host/identity.ts'
import { dhtLimits } from './dht-limits.ts'
import { parseRecordKey } from './record-key.ts'

/** What a publisher says under a key. */
export interface RecordContent {
  /** 0 to 2^32 - 1; of two values the one with the higher number is newer. */
  readonly sequence: number
  /** Unix seconds, 0 to 2^32 - 1. */
  readonly expires: number
  /** At most `dhtLimits.valueBytes` bytes. */
  readonly value: Uint8Array
}

/** What stands in the hash table. */
export interface SignedRecord extends RecordContent {
  /** 64 bytes, Ed25519. */
  readonly signature: Uint8Array
}

const signatureLength = 64
const headLength = 8 + signatureLength

/** What is signed: the network, the key and the content, each of a length that is fixed or said. */
function signedBytes(specId: string, key: string, content: RecordContent): Uint8Array {
  const network = new TextEncoder().encode(dhtProtocolId(specId))
  const keyBytes = new TextEncoder().encode(key)
  return new ByteWriter()
    .writeUint8(network.length)
    .writeBytes(network)
    .writeUint8(keyBytes.length)
    .writeBytes(keyBytes)
    .writeUint32(content.sequence)
    .writeUint32(content.expires)
    .writeBytes(content.value)
    .toBytes()
}

/** Signs a value for a key of the identity's own, and gives its bytes. */
export async function signRecord(
  identity: Identity,
  specId: string,
  key: string,
  content: RecordContent,
): Promise<Uint8Array> {
  const signature = await identity.sign(signedBytes(specId, key, content))
  return new ByteWriter()
    .writeUint32(content.sequence)
    .writeUint32(content.expires)
    .writeBytes(signature)
    .writeBytes(content.value)
    .toBytes()
}

/**
 * Reads a value. The bytes are views of the source.
 *
 * @throws {PeerError} `record-refused` when it is too short or too long
 */
export function decodeRecord(bytes: Uint8Array): SignedRecord {
  const length = bytes.length - headLength
  if (length < 0) throw refused(`it ends after ${bytes.length} bytes`)
  if (length > dhtLimits.valueBytes) {
    throw refused(`it has ${length} bytes, more than ${dhtLimits.valueBytes}`)
  }
  const reader = new ByteReader(bytes)
  return {
    sequence: reader.readUint32(),
    expires: reader.readUint32(),
    signature: reader.readBytes(signatureLength),
    value: reader.readBytes(reader.remaining),
  }
}

/**
 * Checks a value before it is kept or believed.
 *
 * @param now - Unix milliseconds
 * @throws {PeerError} `record-refused` @throws {ParseError} `record-key-malformed`
 */
export async function checkRecord(
  specId: string,
  key: string,
  bytes: Uint8Array,
  now: number,
): Promise<SignedRecord> {
  const record = decodeRecord(bytes)
  const { publisher } = parseRecordKey(key)
  const left = record.expires * 1_000 - now
  if (left <= 0) throw refused('it has expired')
  if (left > dhtLimits.valueLifetime + dhtLimits.clockTolerance) throw refused('it expires too late')
  if (!(await publisher.publicKey.verify(signedBytes(specId, key, record), record.signature))) {
    throw refused(`the signature is not that of ${publisher.toString()}`)
  }
  return record
}

/**
 * Compares two values of one key: positive when the first is better, 0 when they are the same. The higher number wins,
 * then the later end, then the greater bytes, so that all nodes choose the same one.
 */
export function compareRecords(left: SignedRecord, right: SignedRecord): number {
  const differences = [
    left.sequence - right.sequence,
    left.expires - right.expires,
    compareBytes(left.value, right.value),
    compareBytes(left.signature, right.signature),
  ]
  return differences.find((difference) => difference !== 0) ?? 0
}

/** The position of the best of several values, which are all well-formed. */
export function selectRecord(records: readonly Uint8Array[]): number {
  const decoded = records.map(decodeRecord)
  return decoded.reduce(
    (best, record, index) => (compareRecords(record, decoded[best] ?? record) > 0 ? index : best),
    0,
  )
}

function refused(reason: string): PeerError {
  return new PeerError('record-refused', `A value of the hash table is refused: ${reason}.`)
}
