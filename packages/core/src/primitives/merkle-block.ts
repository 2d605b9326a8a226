/**
 * Merkle blocks: a header with the proof that some transactions are in its block, in Bitcoin's encoding.
 *
 *     header 80 | transaction count u32 | CompactSize count, hashes 32 each | CompactSize length, flags
 *
 * Source: BIP37, "merkleblock"; Bitcoin developer reference, "MerkleBlock";
 * docs/protocol/encoding.md#merkle-block
 */
import { ByteReader, type Bytes, ByteWriter } from '../bytes/index.ts'
import { DecodeError } from '../errors/index.ts'
import { type BlockHeader, encodeHeader, readHeader } from './block-header.ts'
import {
  MAX_PROOF_TRANSACTIONS,
  type MerkleProof,
  type ProvenTransaction,
  verifyMerkleProof,
} from './merkle-proof.ts'

/** A header and a proof under its Merkle root. */
export interface MerkleBlock {
  readonly header: BlockHeader
  readonly proof: MerkleProof
}

/**
 * Reads a Merkle block that takes all of `bytes`. Whether its proof holds is for {@link verifyMerkleBlock} to say.
 *
 * @throws {DecodeError} `bytes-*`, `compact-size-*`, `merkle-block-too-large`
 */
export function decodeMerkleBlock(bytes: Bytes): MerkleBlock {
  const reader = new ByteReader(bytes)
  const header = readHeader(reader)
  const transactionCount = reader.readUint32()
  if (transactionCount > MAX_PROOF_TRANSACTIONS) {
    const message = `No block has ${transactionCount} transactions.`
    throw new DecodeError('merkle-block-too-large', message, { transactionCount })
  }
  const hashes: Bytes[] = []
  const count = reader.readCount(32)
  for (let i = 0; i < count; i++) hashes.push(reader.readBytes(32))
  const flags = reader.readVarBytes()
  reader.expectEnd()
  return { header, proof: { transactionCount, hashes, flags } }
}

/** The encoding of a Merkle block. */
export function encodeMerkleBlock({ header, proof }: MerkleBlock): Uint8Array {
  const writer = new ByteWriter(100 + 33 * proof.hashes.length)
  writer.writeBytes(encodeHeader(header)).writeUint32(proof.transactionCount)
  writer.writeCompactSize(proof.hashes.length)
  for (const hash of proof.hashes) writer.writeBytes(hash)
  return writer.writeVarBytes(proof.flags).toBytes()
}

/**
 * The transactions that are proven to be in the header's block, as {@link verifyMerkleProof}. The header itself (work,
 * place in the chain) is for the caller to check.
 */
export function verifyMerkleBlock({ header, proof }: MerkleBlock): ProvenTransaction[] | undefined {
  return verifyMerkleProof(proof, header.merkleRoot)
}
