import {
  type CompactBlock,
  createCompactBlock,
  decodeCompactBlock,
  encodeCompactBlock,
} from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

const block = ChainBuilder.create(testNetwork()).mine()
const [coinbase] = block.transactions
if (coinbase === undefined) throw new Error('A block has a coinbase.')
const compact = createCompactBlock(block, 2n ** 64n - 1n)

function at(...indexes: number[]): CompactBlock {
  return {
    ...compact,
    shortIds: [1, 2 ** 48 - 1],
    prefilled: indexes.map((index) => ({
      index,
      transaction: coinbase as CompactBlock['prefilled'][0]['transaction'],
    })),
  }
}

describe('a compact block', () => {
  test('reads back, with transactions in full at any places', () => {
    for (const value of [compact, at(0), at(1, 3), at(2), at()]) {
      expect(decodeCompactBlock(encodeCompactBlock(value))).toEqual(value)
    }
  })

  test.each([
    ['behind its end', at(3)],
    ['where the one after it has no place', at(3, 4)],
    ['beyond 16 bits', at(70_000)],
  ])('has no transaction %s', (_, malformed) => {
    const bytes = encodeCompactBlock(malformed)
    expect(refusal(() => decodeCompactBlock(bytes))).toMatchObject({ code: 'compact-block-index' })
  })
})
