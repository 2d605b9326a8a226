/**
 * The 80-byte block header, whose hash names the block and carries its proof of work.
 *
 *     version i32 | parent 32 | Merkle root 32 | time u32 | compact target u32 | nonce u32
 *
 * Source: Bitcoin developer reference, "Block headers"; docs/protocol/encoding.md#header
 */
import { ByteReader, type Bytes } from '../bytes/index.ts'
import { hash256 } from '../crypto/index.ts'
import type { CompactTarget, UnixTime } from '../units/index.ts'
import type { BlockHash } from './ids.ts'

/** Length of an encoded header in bytes. */
export const HEADER_LENGTH = 80

/** A block header as numbers and hashes; {@link encodeHeader} gives its 80 bytes. */
export interface BlockHeader {
  /** i32. */
  readonly version: number
  /** Hash of the block before; zeros in a genesis block. */
  readonly parent: BlockHash
  /** Root of the Merkle tree over the transaction ids. */
  readonly merkleRoot: Bytes
  /** u32, seconds since 1970. */
  readonly time: UnixTime
  /** u32: what the hash must not exceed. */
  readonly bits: CompactTarget
  /** u32, free for the search. */
  readonly nonce: number
}

/** Reads one header. @throws {DecodeError} `bytes-truncated`, `bytes-left-over` */
export function decodeHeader(bytes: Bytes): BlockHeader {
  const reader = new ByteReader(bytes)
  const header = readHeader(reader)
  reader.expectEnd()
  return header
}

/** Reads the header at the reader. @throws {DecodeError} `bytes-truncated` */
export function readHeader(reader: ByteReader): BlockHeader {
  return {
    version: reader.readInt32(),
    parent: reader.readBytes(32),
    merkleRoot: reader.readBytes(32),
    time: reader.readUint32(),
    bits: reader.readUint32(),
    nonce: reader.readUint32(),
  }
}

/** The 80 bytes of a header. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, header.version, true)
  bytes.set(header.parent, 4)
  bytes.set(header.merkleRoot, 36)
  view.setUint32(68, header.time, true)
  view.setUint32(72, header.bits, true)
  view.setUint32(76, header.nonce, true)
  return bytes
}

/** The name of a block: the double SHA-256 of its header, 32 bytes in hash order. */
export function blockHash(header: BlockHeader): BlockHash {
  return hash256(encodeHeader(header))
}
