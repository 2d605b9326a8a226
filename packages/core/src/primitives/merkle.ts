/**
 * Merkle trees as Bitcoin builds them: pairs are hashed level by level, and the last hash of an odd level is paired
 * with itself.
 *
 * That last habit lets two different lists have one root (CVE-2012-2459), which shows as two equal hashes in one pair:
 * the mutation flag.
 *
 * Source: Bitcoin Core, `consensus/merkle.cpp`; docs/protocol/consensus.md#merkle-root
 */
import { type Bytes, equalBytes } from '../bytes/index.ts'
import { hash256 } from '../crypto/index.ts'
import { ZERO_HASH } from './ids.ts'

/** A Merkle root, and whether the list of its leaves is to be trusted. */
export interface MerkleResult {
  /** 32 bytes in hash order; zeros for no leaves. */
  readonly root: Uint8Array
  /** Whether some pair was formed of two equal hashes that both stand in the list: the list may be a mutated copy. */
  readonly mutated: boolean
}

/** The root over `leaves` (32-byte hashes), and whether the list may be a mutated copy. */
export function computeMerkle(leaves: readonly Bytes[]): MerkleResult {
  if (leaves.length === 0) return { root: ZERO_HASH, mutated: false }
  const pair = new Uint8Array(64)
  let level = leaves
  let mutated = false
  while (level.length > 1) {
    const above: Bytes[] = []
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Bytes
      const right = level[i + 1]
      if (right !== undefined && equalBytes(left, right)) mutated = true
      pair.set(left, 0)
      pair.set(right ?? left, 32)
      above.push(hash256(pair))
    }
    level = above
  }
  return { root: (level[0] as Bytes).slice(), mutated }
}

/** The root over `leaves` (32-byte hashes). */
export function merkleRoot(leaves: readonly Bytes[]): Uint8Array {
  return computeMerkle(leaves).root
}
