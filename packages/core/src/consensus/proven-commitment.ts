/**
 * The filter commitment of a block, from the block's header, a Merkle proof and the coinbase alone: what a client that has
 * only headers needs to believe the filters of everybody.
 *
 * Not for blocks that are here (`check-block.ts`, `chain/connect-block.ts`).
 *
 * Source: docs/protocol/light-clients.md#commitment
 */
import { type Bytes, equalBytes } from '../bytes/index.ts'
import {
  isCoinbase,
  type MerkleBlock,
  type Transaction,
  txid,
  verifyMerkleBlock,
} from '../primitives/index.ts'
import { findFilterCommitment } from './commitment.ts'

/**
 * The filter header of the parent block (32 bytes) that a block commits to, or `undefined` when `coinbase` is not shown to be
 * its coinbase, or commits to nothing.
 *
 * A coinbase with a commitment is longer than 64 bytes, so that it cannot stand for a node inside the tree (CVE-2017-12842).
 *
 * @param merkleBlock - whose header is known to be part of a good chain
 * @param coinbase - with or without witness
 */
export function findProvenFilterCommitment(
  merkleBlock: MerkleBlock,
  coinbase: Transaction,
): Bytes | undefined {
  const first = verifyMerkleBlock(merkleBlock)?.[0]
  if (first?.index !== 0 || !equalBytes(first.txid, txid(coinbase))) return undefined
  return isCoinbase(coinbase) ? findFilterCommitment(coinbase) : undefined
}
