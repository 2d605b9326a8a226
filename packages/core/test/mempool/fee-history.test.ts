import { DecodeError } from '@chain/core/errors'
import { decodeFeeHistory, FEE_CLASSES, FeeHistory } from '@chain/core/mempool'
import { describe, expect, test } from 'vitest'
import { feeClass } from '../../src/mempool/fee-history.ts'
import { refusal } from '../refusal.ts'

describe('classes of fee rates', () => {
  test('are a tenth wide each, and bounded', () => {
    expect([0n, 1_000n, 1_099n, 1_101n, 1_209n].map(feeClass)).toEqual([0, 0, 0, 1, 1])
    expect([10_000_000n, 10n ** 30n].map(feeClass)).toEqual([FEE_CLASSES - 1, FEE_CLASSES - 1])
  })
})

describe('a fee history', () => {
  const history = new FeeHistory()
  history.addConfirmed(1_000n, 1)
  history.addConfirmed(1_000n, 3)
  history.addFailed(1_000n, 2)

  test('counts what was confirmed within some blocks and what waited in vain', () => {
    expect([1, 2, 3, 48].map((target) => history.confirmedWithin(0, target))).toEqual([1, 1, 2, 2])
    expect([1, 2, 3].map((target) => history.failedAfter(0, target))).toEqual([1, 1, 0])
    expect([history.confirmed(0), history.rates(0)]).toEqual([2, 2_000])
  })

  test('is halved after some 346 blocks', () => {
    const fading = decodeFeeHistory(history.encode())
    for (let block = 0; block < 346; block++) fading.fade()
    expect(fading.confirmed(0)).toBeCloseTo(1, 2)
  })

  test('can be read after it has faded away', () => {
    const fading = decodeFeeHistory(history.encode())
    for (let block = 0; block < 20_000; block++) fading.fade()
    expect(decodeFeeHistory(fading.encode()).encode()).toEqual(fading.encode())
  })

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['of another length', (bytes) => bytes.subarray(1)],
    ['of another version', (bytes) => bytes.fill(2, 0, 1)],
    ['with a negative count', (bytes) => bytes.fill(0xbf, 8, 9)],
    ['with what is no number', (bytes) => bytes.fill(0xff, 1, 9)],
    ['with more in time than in all', (bytes) => bytes.fill(0, 1, 9)],
    ['that shrinks with the number of blocks', (bytes) => bytes.fill(0, 1 + 8 * 40, 1 + 8 * 41)],
  ])('%s is refused', (_, spoil) => {
    const error = refusal(() => decodeFeeHistory(spoil(history.encode())))
    expect(error).toBeInstanceOf(DecodeError)
    expect(error.code).toBe('fee-history-malformed')
  })
})
