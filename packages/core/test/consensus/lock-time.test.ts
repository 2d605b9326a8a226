import {
  areSequencesFinal,
  type HeaderNode,
  isFinal,
  LOCK_TIME_THRESHOLD,
  medianTimePast,
} from '@chain/core/consensus'
import type { Transaction } from '@chain/core/primitives'
import { ChainBuilder } from '@chain/core/testing'
import { describe, expect, test } from 'vitest'
import { testNetwork } from '../networks.ts'

const builder = ChainBuilder.create(testNetwork())
builder.mineEmpty(20)

function transaction(lockTime: number, sequences: readonly number[], version = 2): Transaction {
  const inputs = sequences.map((sequence, index) => ({
    previousOutput: { txid: new Uint8Array(32).fill(1), index },
    scriptSig: new Uint8Array(),
    sequence,
    witness: [],
  }))
  return { version, inputs, outputs: [], lockTime }
}

describe('a lock time', () => {
  test.each([
    ['none', 0, 0, true],
    ['a height that is the block height', 100, 0, false],
    ['a height below', 99, 0, true],
    ['the last height there is', LOCK_TIME_THRESHOLD - 1, 0, false],
    ['the first time there is, equal to the median', LOCK_TIME_THRESHOLD, 0, false],
    ['a height, with a final sequence', 100, 0xffffffff, true],
    ['a time far ahead, with a final sequence', 0xffffffff, 0xffffffff, true],
    ['a time far ahead, with a sequence that is nearly final', 0xffffffff, 0xfffffffe, false],
  ])('of %s', (_, lockTime, sequence, expected) => {
    expect(isFinal(transaction(lockTime, [sequence]), 100, LOCK_TIME_THRESHOLD)).toBe(expected)
  })

  test('is a time from the threshold on', () => {
    expect(isFinal(transaction(LOCK_TIME_THRESHOLD, [0]), 100, LOCK_TIME_THRESHOLD + 1)).toBe(true)
  })

  test('is a height from 1 on', () => {
    expect(isFinal(transaction(1, [0]), 1, 0)).toBe(false)
    expect(isFinal(transaction(1, [0]), 2, 0)).toBe(true)
    expect(isFinal(transaction(0, [0]), 0, 0)).toBe(true)
  })

  test('is switched off only by all inputs together', () => {
    expect(isFinal(transaction(100, [0xffffffff, 0]), 100, 0)).toBe(false)
    expect(isFinal(transaction(100, [0xffffffff, 0xffffffff]), 100, 0)).toBe(true)
  })
})

describe('a relative lock', () => {
  const parent = builder.tip
  const height = parent.height + 1
  const IN_TIME = 1 << 22

  test.each([
    ['of no blocks', 0, height, true],
    ['of as many blocks as the coin is deep', 5, height - 5, true],
    ['of one block more', 6, height - 5, false],
    ['of one block, on a coin of the same block', 1, height, false],
    ['that is switched off', (0x80000000 | 0xffff) >>> 0, height, true],
    ['of bits that mean nothing', 0x7fbf0000 & ~IN_TIME, height, true],
    ['of no time', IN_TIME, height, true],
    ['of one unit of time, on a coin of the same block', IN_TIME | 1, height, false],
  ])('%s', (_, sequence, coinHeight, expected) => {
    expect(areSequencesFinal(transaction(0, [sequence]), [coinHeight], parent)).toBe(expected)
  })

  test('in time counts from the median before the coin to the median before the block', () => {
    const coinHeight = 8
    const elapsed = medianTimePast(parent) - medianTimePast(parent.ancestor(coinHeight - 1))
    const units = Math.floor(elapsed / 512)
    expect(units).toBeGreaterThan(0)
    expect(areSequencesFinal(transaction(0, [IN_TIME | units]), [coinHeight], parent)).toBe(true)
    expect(areSequencesFinal(transaction(0, [IN_TIME | (units + 1)]), [coinHeight], parent)).toBe(false)
  })

  test.each([0, 1])('counts from the genesis block for a coin of block %i', (coinHeight) => {
    const units = Math.floor((medianTimePast(parent) - parent.ancestor(0).header.time) / 512)
    expect(areSequencesFinal(transaction(0, [IN_TIME | units]), [coinHeight], parent)).toBe(true)
    expect(areSequencesFinal(transaction(0, [IN_TIME | (units + 1)]), [coinHeight], parent)).toBe(false)
    expect(areSequencesFinal(transaction(0, [height - coinHeight]), [coinHeight], parent)).toBe(true)
  })

  test('binds version 2 and above, read as an unsigned number', () => {
    expect(areSequencesFinal(transaction(0, [6], 1), [height], parent)).toBe(true)
    expect(areSequencesFinal(transaction(0, [6], 0), [height], parent)).toBe(true)
    expect(areSequencesFinal(transaction(0, [6], 3), [height], parent)).toBe(false)
    expect(areSequencesFinal(transaction(0, [6], -1), [height], parent)).toBe(false)
  })

  test('must be over for every input', () => {
    expect(areSequencesFinal(transaction(0, [0, 6]), [height, height], parent)).toBe(false)
  })
})

describe('the median time past', () => {
  function chainOf(times: readonly number[]): HeaderNode {
    let node: HeaderNode | undefined
    for (const time of times) {
      const parent: HeaderNode | undefined = node
      const header = { ...builder.tip.header, time }
      node = { hash: new Uint8Array(32), header, height: 0, parent, ancestor: () => node as HeaderNode }
    }
    return node as HeaderNode
  }

  test.each([
    ['one block', [7], 7],
    ['two blocks is the later', [7, 9], 9],
    ['three blocks', [7, 9, 8], 8],
    ['eleven blocks', [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 6],
    ['more than eleven blocks leaves the older out', [100, 100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 6],
    ['times near the end of the epoch', [0xffffffff, 1, 0xfffffffe], 0xfffffffe],
  ])('of %s', (_, times, expected) => {
    expect(medianTimePast(chainOf(times))).toBe(expected)
  })
})
