import {
  createMerkleProof,
  MAX_PROOF_TRANSACTIONS,
  merkleRoot,
  verifyMerkleProof,
} from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'

const ids = Array.from({ length: 7 }, (_, index) => new Uint8Array(32).fill(index + 1))
const root = merkleRoot(ids)
const wanted = [ids[2], ids[6]] as Uint8Array[]
const proof = createMerkleProof(ids, wanted)

describe('a Merkle proof', () => {
  test('shows the wanted transactions and their places, in the order of the block', () => {
    const expected = [
      { txid: ids[2], index: 2 },
      { txid: ids[6], index: 6 },
    ]
    expect(verifyMerkleProof(proof, root)).toEqual(expected)
    expect(verifyMerkleProof(createMerkleProof(ids, [...wanted].reverse()), root)).toEqual(expected)
  })

  test('of nothing shows nothing, and is the root alone', () => {
    const nothing = createMerkleProof(ids, [new Uint8Array(32)])
    expect(nothing).toEqual({ transactionCount: 7, hashes: [root], flags: Uint8Array.of(0) })
    expect(verifyMerkleProof(nothing, root)).toEqual([])
  })

  test('of a block with one transaction is that transaction', () => {
    const [only] = ids as [Uint8Array]
    const single = createMerkleProof([only], [only])
    expect(single).toEqual({ transactionCount: 1, hashes: [only], flags: Uint8Array.of(1) })
    expect(verifyMerkleProof(single, only)).toEqual([{ txid: only, index: 0 }])
  })

  test('holds for no other root', () => {
    expect(verifyMerkleProof(proof, new Uint8Array(32))).toBeUndefined()
  })
})

describe('no proof is', () => {
  const { hashes, flags } = proof

  test.each([
    ['one of a block without transactions', { transactionCount: 0, hashes: [], flags: Uint8Array.of(0) }],
    ['one of half a transaction', { ...proof, transactionCount: 6.5 }],
    [
      'one of more transactions than a block can have',
      { ...proof, transactionCount: MAX_PROOF_TRANSACTIONS + 1 },
    ],
    ['one with more hashes than transactions', { ...proof, hashes: [...hashes, ...hashes] }],
    ['one with a hash that is not used', { ...proof, hashes: [...hashes, root] }],
    ['one with a hash missing', { ...proof, hashes: hashes.slice(1) }],
    ['one with a short hash', { ...proof, hashes: [root.subarray(1), ...hashes.slice(1)] }],
    ['one without flags', { ...proof, flags: new Uint8Array() }],
    ['one with a byte of flags that is not used', { ...proof, flags: Uint8Array.of(...flags, 0) }],
    [
      'one with a flag behind the last',
      { ...proof, flags: flags.map((byte, at) => (at === flags.length - 1 ? byte | 0x80 : byte)) },
    ],
  ])('%s', (_, malformed) => {
    expect(verifyMerkleProof(malformed, root)).toBeUndefined()
  })

  test('one that claims the repeated end of a block to be more transactions (CVE-2012-2459)', () => {
    const mutated = [...ids, ids[6] as Uint8Array]
    expect(merkleRoot(mutated)).toEqual(root)
    const claim = createMerkleProof(mutated, [ids[6] as Uint8Array])
    expect(claim.transactionCount).toBe(8)
    expect(verifyMerkleProof(claim, root)).toBeUndefined()
  })
})
