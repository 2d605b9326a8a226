/**
 * Merkle trees as Bitcoin builds them: pairs are hashed level by level, and the last hash of an odd level is paired
 * with itself.
 *
 * That last habit lets two different lists have one root (CVE-2012-2459), which shows as two equal hashes in one pair:
 * the mutation flag.
 *
 * Source: Bitcoin Core, `consensus/merkle.cpp`; docs/protocol/consensus.md#merkle-root
 */
import type { Bytes } from '../bytes/index.ts'
import { hash256Pairs } from '../crypto/index.ts'
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
  let level = joinLeaves(leaves)
  let count = leaves.length
  let mutated = false
  while (count > 1) {
    mutated ||= hasEqualPair(level, count)
    count = Math.ceil(count / 2)
    level = withLastTwice(hash256Pairs(level), count)
  }
  return { root: level.slice(0, 32), mutated }
}

/** The hashes of a level one after the other, the last once more where their number is odd. */
function joinLeaves(leaves: readonly Bytes[]): Uint8Array {
  const level = new Uint8Array(evenCount(leaves.length) * 32)
  for (const [index, leaf] of leaves.entries()) level.set(leaf, index * 32)
  return withLastTwice(level, leaves.length)
}

/** A level of `count` hashes, the last once more where their number is odd. */
function withLastTwice(level: Uint8Array, count: number): Uint8Array {
  if (count % 2 === 0) return level
  const even = new Uint8Array(evenCount(count) * 32)
  even.set(level.subarray(0, count * 32))
  even.copyWithin(count * 32, (count - 1) * 32, count * 32)
  return even
}

function evenCount(count: number): number {
  return count + (count % 2)
}

/** Whether two hashes of one pair are equal; the pair that the last hash forms with itself does not count. */
function hasEqualPair(level: Uint8Array, count: number): boolean {
  for (let at = 0; at + 64 <= count * 32; at += 64) {
    let same = 0
    while (same < 32 && level[at + same] === level[at + 32 + same]) same++
    if (same === 32) return true
  }
  return false
}

/** The root over `leaves` (32-byte hashes). */
export function merkleRoot(leaves: readonly Bytes[]): Uint8Array {
  return computeMerkle(leaves).root
}
