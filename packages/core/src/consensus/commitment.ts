/**
 * Commitments in a coinbase: outputs that carry a tag and 32 bytes behind OP_RETURN.
 *
 * - `aa21a9ed`: the witnesses of the block (BIP141)
 * - `cf11c0de`: the filter header of the parent block
 *
 * Where a tag stands in several outputs, the last counts.
 *
 * Source: BIP141, "Commitment structure"; docs/protocol/consensus.md#filter-commitment
 */
import { type Bytes, concatBytes, equalBytes, fromHex } from '../bytes/index.ts'
import { hash256 } from '../crypto/index.ts'
import { type Block, merkleRoot, type Transaction, wtxids, ZERO_HASH } from '../primitives/index.ts'

/** What a commitment output begins with: OP_RETURN, a push of 36 bytes, four bytes of tag. */
const WITNESS_HEAD = fromHex('6a24aa21a9ed')
const FILTER_HEAD = fromHex('6a24cf11c0de')
const COMMITMENT_LENGTH = 38

/** The script that commits to the witnesses. @param commitment - of {@link computeWitnessCommitment} */
export function witnessCommitmentScript(commitment: Bytes): Uint8Array {
  return concatBytes(WITNESS_HEAD, commitment)
}

/** The script that commits to a filter header (32 bytes). */
export function filterCommitmentScript(filterHeader: Bytes): Uint8Array {
  return concatBytes(FILTER_HEAD, filterHeader)
}

/** The 32 bytes that a coinbase commits the witnesses to, or `undefined`. */
export function findWitnessCommitment(coinbase: Transaction): Bytes | undefined {
  return findCommitment(coinbase, WITNESS_HEAD)
}

/** The filter header that a coinbase commits to, or `undefined`. */
export function findFilterCommitment(coinbase: Transaction): Bytes | undefined {
  return findCommitment(coinbase, FILTER_HEAD)
}

function findCommitment(coinbase: Transaction, head: Bytes): Bytes | undefined {
  const script = coinbase.outputs.findLast(
    ({ scriptPubKey }) =>
      scriptPubKey.length >= COMMITMENT_LENGTH && equalBytes(scriptPubKey.subarray(0, head.length), head),
  )?.scriptPubKey
  return script?.subarray(head.length, COMMITMENT_LENGTH)
}

/**
 * What the coinbase must commit to: `hash256(root over the wtxids || nonce)`, the coinbase's own wtxid counted as zeros.
 *
 * @param nonce - the 32 bytes in the coinbase's witness
 */
export function computeWitnessCommitment(block: Pick<Block, 'transactions'>, nonce: Bytes): Uint8Array {
  const leaves = [ZERO_HASH, ...wtxids(block.transactions.slice(1))]
  return hash256(concatBytes(merkleRoot(leaves), nonce))
}
