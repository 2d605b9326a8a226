/**
 * Merkle proofs: a part of a block's Merkle tree that shows that some transactions are in the block, to somebody who has
 * only the header. One proof serves any number of transactions of a block.
 *
 * The tree is walked from the root, left before right. Each node has a flag: whether a wanted leaf is below it. A node
 * without the flag, and every leaf, has its hash in the proof; the other nodes follow from those below them.
 *
 * A proof cannot tell a leaf from 64 bytes of two hashes that look like a transaction (CVE-2017-12842): who relies on a
 * transaction that a stranger may have made asks for the proof of the coinbase too, whose depth must be the same.
 *
 * Source: BIP37, "Partial Merkle branch format"; Bitcoin Core, `merkleblock.cpp`
 */
import { type Bytes, bytesKey, concatBytes, equalBytes } from '../bytes/index.ts'
import { hash256, hash256Pairs } from '../crypto/index.ts'
import type { Txid } from './ids.ts'

/** Most transactions of a block: each takes a weight of 240 at least, a block 4,000,000. */
export const MAX_PROOF_TRANSACTIONS = 16_666

/** A part of a Merkle tree. */
export interface MerkleProof {
  /** How many transactions the block has. */
  readonly transactionCount: number
  /** Hashes of nodes, 32 bytes each, in the order of the walk. */
  readonly hashes: readonly Bytes[]
  /** Flags in the order of the walk, eight in a byte, the first lowest; zeros fill the last byte. */
  readonly flags: Bytes
}

/** A transaction that is in a block. */
export interface ProvenTransaction {
  readonly txid: Txid
  /** Position in the block, from 0. */
  readonly index: number
}

/**
 * The proof that some transactions are in a block.
 *
 * @param txids - of all transactions of the block, in order, at least one
 * @param wanted - those to prove; what is not in the block is not in the proof either
 */
export function createMerkleProof(txids: readonly Txid[], wanted: readonly Txid[]): MerkleProof {
  const keys = new Set(wanted.map(bytesKey))
  let top: Level = { hashes: txids, flags: txids.map((id) => keys.has(bytesKey(id))) }
  const levels = [top]
  while (top.hashes.length > 1) {
    top = levelAbove(top)
    levels.push(top)
  }
  const hashes: Bytes[] = []
  const bits: boolean[] = []
  const walk = (depth: number, position: number): void => {
    const level = levels[depth] as Level
    if (position >= level.hashes.length) return
    const flag = level.flags[position] as boolean
    bits.push(flag)
    if (depth === 0 || !flag) hashes.push(level.hashes[position] as Bytes)
    else for (const child of [2 * position, 2 * position + 1]) walk(depth - 1, child)
  }
  walk(levels.length - 1, 0)
  return { transactionCount: txids.length, hashes, flags: packBits(bits) }
}

/** The nodes of one height of the tree, and whether a wanted leaf is below each. */
interface Level {
  readonly hashes: readonly Bytes[]
  readonly flags: readonly boolean[]
}

function levelAbove({ hashes, flags }: Level): Level {
  const even = hashes.length % 2 === 0 ? hashes : [...hashes, hashes[hashes.length - 1] as Bytes]
  const joined = hash256Pairs(concatBytes(...even))
  const count = even.length / 2
  return {
    hashes: Array.from({ length: count }, (_, index) => joined.subarray(index * 32, index * 32 + 32)),
    flags: Array.from(
      { length: count },
      (_, index) => flags[2 * index] === true || flags[2 * index + 1] === true,
    ),
  }
}

/**
 * The transactions that a proof shows to be in the block with the Merkle root `root`, in the block's order; `undefined`
 * when it is no proof of that.
 *
 * Anything malformed is simply not a proof: this never throws.
 *
 * @param root - 32 bytes, from a header that is known to be good
 */
export function verifyMerkleProof(proof: MerkleProof, root: Bytes): ProvenTransaction[] | undefined {
  const { transactionCount, hashes, flags } = proof
  if (!Number.isInteger(transactionCount) || transactionCount < 1) return undefined
  if (transactionCount > MAX_PROOF_TRANSACTIONS || hashes.length > transactionCount) return undefined
  if (hashes.some((hash) => hash.length !== 32)) return undefined
  const walk = new ProofWalk(transactionCount, hashes, flags)
  const computed = walk.compute()
  return computed !== undefined && equalBytes(computed, root) ? walk.found : undefined
}

/** The walk through the tree that a proof describes. */
class ProofWalk {
  readonly found: ProvenTransaction[] = []
  readonly #count: number
  readonly #hashes: readonly Bytes[]
  readonly #flags: Bytes
  #nextHash = 0
  #nextFlag = 0

  constructor(count: number, hashes: readonly Bytes[], flags: Bytes) {
    this.#count = count
    this.#hashes = hashes
    this.#flags = flags
  }

  /** The root, or `undefined` when the proof has too little, too much or a contradiction. */
  compute(): Bytes | undefined {
    let depth = 0
    while (this.#width(depth) > 1) depth++
    const root = this.#node(depth, 0)
    const isUsedUp =
      this.#nextHash === this.#hashes.length && Math.ceil(this.#nextFlag / 8) === this.#flags.length
    // What fills the last byte of flags is zero, so that a proof has one form.
    const isFilled = (this.#flags[this.#nextFlag >>> 3] ?? 0) >>> (this.#nextFlag & 7) === 0
    return isUsedUp && isFilled ? root : undefined
  }

  /** How many nodes stand at `depth` levels above the leaves. */
  #width(depth: number): number {
    return Math.ceil(this.#count / 2 ** depth)
  }

  #node(depth: number, position: number): Bytes | undefined {
    const at = this.#nextFlag++
    const byte = this.#flags[at >>> 3]
    if (byte === undefined) return undefined
    const flag = ((byte >>> (at & 7)) & 1) === 1
    if (depth > 0 && flag) return this.#inner(depth, position)
    const hash = this.#hashes[this.#nextHash++]
    if (hash !== undefined && flag) this.found.push({ txid: hash, index: position })
    return hash
  }

  #inner(depth: number, position: number): Bytes | undefined {
    const left = this.#node(depth - 1, 2 * position)
    if (left === undefined) return undefined
    const isAlone = 2 * position + 1 >= this.#width(depth - 1)
    const right = isAlone ? left : this.#node(depth - 1, 2 * position + 1)
    if (right === undefined) return undefined
    // Two equal nodes side by side: the same transactions could be claimed at two places (CVE-2012-2459).
    if (!isAlone && equalBytes(left, right)) return undefined
    return hash256(concatBytes(left, right))
  }
}

function packBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [index, bit] of bits.entries()) {
    if (bit) bytes[index >>> 3] = (bytes[index >>> 3] as number) | (1 << (index & 7))
  }
  return bytes
}
