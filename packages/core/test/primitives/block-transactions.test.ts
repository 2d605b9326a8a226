import {
  decodeBlockTransactions,
  decodeBlockTransactionsRequest,
  decodeTransaction,
  encodeBlockTransactions,
  encodeBlockTransactionsRequest,
  encodeTransaction,
} from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'
import { refusal } from '../refusal.ts'

const block = new Uint8Array(32).fill(7)

/** A question whose indexes are written as these distances. */
function question(...distances: number[]): Uint8Array {
  return Uint8Array.of(...block, distances.length, ...distances.flatMap(compactSize))
}

function compactSize(value: number): number[] {
  if (value < 0xfd) return [value]
  return value < 0x10000 ? [0xfd, value & 0xff, value >> 8] : [0xfe, value & 0xff, (value >> 8) & 0xff, 1, 0]
}

describe('a question for transactions of a block', () => {
  test('writes each index as its distance to the place after the one before', () => {
    expect(encodeBlockTransactionsRequest({ block, indexes: [0, 1, 5] })).toEqual(question(0, 0, 3))
    expect(decodeBlockTransactionsRequest(question(0, 0, 3))).toEqual({ block, indexes: [0, 1, 5] })
  })

  test('reads back whatever ascends', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 0xffff }), { maxLength: 200 }), (places) => {
        const request = { block, indexes: places.sort((a, b) => a - b) }
        expect(decodeBlockTransactionsRequest(encodeBlockTransactionsRequest(request))).toEqual(request)
      }),
    )
  })

  test.each([
    ['an index beyond 16 bits', question(0x10000), 'block-index-too-large'],
    ['distances that add up beyond 16 bits', question(0xffff, 0), 'block-index-too-large'],
    ['a count that the bytes do not hold', Uint8Array.of(...block, 3, 0, 0), 'bytes-truncated'],
    ['a count of millions', Uint8Array.of(...block, 0xfe, 0xff, 0xff, 0xff, 0), 'bytes-truncated'],
    ['something behind its end', Uint8Array.of(...question(1), 0), 'bytes-left-over'],
  ])('with %s is refused', (_, bytes, code) => {
    expect(refusal(() => decodeBlockTransactionsRequest(bytes))).toMatchObject({ code })
  })
})

describe('an answer with transactions of a block', () => {
  const transactions = ChainBuilder.create(testNetwork())
    .mineEmpty(3)
    .flatMap((mined) => mined.transactions)

  test('reads back', () => {
    const bytes = encodeBlockTransactions({ block, transactions })
    const answer = decodeBlockTransactions(bytes)
    expect(answer.block).toEqual(block)
    expect(answer.transactions.map((each) => encodeTransaction(each))).toEqual(
      transactions.map((each) => encodeTransaction(decodeTransaction(encodeTransaction(each)))),
    )
    expect(encodeBlockTransactions(answer)).toEqual(bytes)
  })

  test('holds as many as it says', () => {
    const bytes = encodeBlockTransactions({ block, transactions })
    expect(refusal(() => decodeBlockTransactions(bytes.subarray(0, -1)))).toMatchObject({
      code: 'bytes-truncated',
    })
    expect(refusal(() => decodeBlockTransactions(Uint8Array.of(...bytes, 0)))).toMatchObject({
      code: 'bytes-left-over',
    })
  })
})
