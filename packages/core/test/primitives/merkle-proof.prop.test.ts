import { createMerkleProof, merkleRoot, verifyMerkleProof } from '@chain/core/primitives'
import { assert, integer, property, uint8Array, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { hash } from '../arbitraries/primitives.ts'

const ids = uniqueArray(hash, { minLength: 1, maxLength: 40, selector: (id) => id.join() })

test('a proof shows what was wanted of a block, and nothing else', () => {
  assert(
    property(ids, uint8Array({ minLength: 40, maxLength: 40 }), (block, choice) => {
      const expected = block
        .map((txid, index) => ({ txid, index }))
        .filter(({ index }) => (choice[index] as number) < 80)
      const proof = createMerkleProof(
        block,
        expected.map(({ txid }) => txid),
      )
      expect(verifyMerkleProof(proof, merkleRoot(block))).toEqual(expected)
    }),
  )
})

test('a proof in which one bit differs shows nothing, or only transactions of the block at their places', () => {
  assert(
    property(ids, integer({ min: 0, max: 0xffff }), integer({ min: 0, max: 255 }), (block, at, bit) => {
      const proof = createMerkleProof(block, [block[at % block.length] as Uint8Array])
      const flip = (bytes: Uint8Array): Uint8Array =>
        bytes.map((byte, index) => (index === (bit >>> 3) % bytes.length ? byte ^ (1 << (bit & 7)) : byte))
      const hashes = proof.hashes.map((each, index) =>
        index === at % proof.hashes.length ? flip(each) : each,
      )
      const root = merkleRoot(block)
      expect(verifyMerkleProof({ ...proof, hashes }, root)).toBeUndefined()
      for (const found of verifyMerkleProof({ ...proof, flags: flip(proof.flags) }, root) ?? []) {
        expect(block[found.index]).toEqual(found.txid)
      }
    }),
  )
})
