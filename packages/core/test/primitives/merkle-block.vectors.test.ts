import {
  blockHash,
  createMerkleProof,
  decodeBlock,
  decodeMerkleBlock,
  encodeMerkleBlock,
  txids,
  verifyMerkleBlock,
} from '@chain/core/primitives'
import { expect, test } from 'vitest'
import { refusal } from '../refusal.ts'
import { describeVectors } from '../vectors.ts'

describeVectors('merkle300025.raw', (vectors) => {
  const bytes = vectors.bytes()
  const message = decodeMerkleBlock(bytes)

  test('re-encodes to the same bytes', () => {
    expect(encodeMerkleBlock(message)).toEqual(bytes)
  })

  test('proves transactions under the root of its header, and under no other', () => {
    expect(verifyMerkleBlock(message)?.length).toBeGreaterThan(0)
    const header = { ...message.header, merkleRoot: new Uint8Array(32) }
    expect(verifyMerkleBlock({ ...message, header })).toBeUndefined()
  })

  test('is refused where it claims more transactions than a block can have', () => {
    const changed = encodeMerkleBlock({ ...message, proof: { ...message.proof, transactionCount: 16_667 } })
    expect(refusal(() => decodeMerkleBlock(changed))).toMatchObject({ code: 'merkle-block-too-large' })
  })

  describeVectors('block300025.raw', (blocks) => {
    const block = decodeBlock(blocks.bytes())
    const ids = txids(block.transactions)

    test('is the proof that we make of the same transactions of the block', () => {
      const proven = verifyMerkleBlock(message) ?? []
      expect(blockHash(message.header)).toEqual(blockHash(block.header))
      for (const { txid, index } of proven) expect(ids[index]).toEqual(txid)
      const wanted = proven.map(({ txid }) => txid)
      expect(createMerkleProof(ids, wanted)).toEqual(message.proof)
    })
  })
})
