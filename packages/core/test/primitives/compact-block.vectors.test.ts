import {
  createCompactBlock,
  decodeBlock,
  decodeCompactBlock,
  encodeCompactBlock,
  shortId,
  shortIdKey,
  wtxids,
} from '@chain/core/primitives'
import { expect, test } from 'vitest'
import { describeVectors } from '../vectors.ts'

describeVectors('compact426884.raw', (vectors) => {
  const bytes = vectors.bytes()
  const compact = decodeCompactBlock(bytes)

  test('re-encodes to the same bytes', () => {
    expect(encodeCompactBlock(compact)).toEqual(bytes)
    const plain = compact.prefilled.map(({ index, transaction }) => ({
      index,
      transaction: { ...transaction },
    }))
    expect(encodeCompactBlock({ ...compact, prefilled: plain })).toEqual(bytes)
  })

  describeVectors('block426884.raw', (blocks) => {
    const block = decodeBlock(blocks.bytes())

    test('names the transactions of the real block by their short ids', () => {
      const key = shortIdKey(compact.header, compact.nonce)
      const named = wtxids(block.transactions.slice(1)).map((id) => shortId(key, id))
      expect(compact.shortIds).toEqual(named)
      expect(compact.prefilled).toEqual([{ index: 0, transaction: block.transactions[0] }])
    })

    test('is the compact form that we make of the real block', () => {
      expect(encodeCompactBlock(createCompactBlock(block, compact.nonce))).toEqual(bytes)
    })
  })
})
