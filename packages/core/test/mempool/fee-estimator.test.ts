import { decodeFeeHistory, FeeEstimator, MAX_ESTIMATE_BLOCKS, MAX_TRACKED } from '@chain/core/mempool'
import { beforeEach, describe, expect, test } from 'vitest'

let made = 0

function nextId(): Uint8Array {
  const id = new Uint8Array(32)
  new DataView(id.buffer).setUint32(0, ++made)
  return id
}

let estimator: FeeEstimator
let height: number

beforeEach(() => {
  estimator = new FeeEstimator()
  height = 100
  estimator.connectBlock(height, [])
})

/** Some transactions that pay a rate come, and are confirmed after so many blocks. */
function observe(rate: bigint, blocks: number, count = 10): void {
  const ids = Array.from({ length: count }, nextId)
  for (const id of ids) estimator.track(id, rate, height)
  for (let block = 1; block <= blocks; block++) estimator.connectBlock(++height, block === blocks ? ids : [])
}

describe('an estimate', () => {
  test('is refused for a target that is not told apart', () => {
    for (const target of [0, -1, 1.5, MAX_ESTIMATE_BLOCKS + 1, Number.NaN]) {
      expect(estimator.estimate(target)).toMatchObject({ feeRate: undefined, reason: 'target-out-of-range' })
    }
  })

  test('is not made from nothing, nor from little', () => {
    expect(estimator.estimate(6)).toMatchObject({ feeRate: undefined, reason: 'too-few-transactions' })
    observe(5_000n, 1, 7)
    expect(estimator.estimate(6)).toMatchObject({ feeRate: undefined, reason: 'too-few-transactions' })
  })

  test('is what was paid where everything is confirmed at once', () => {
    observe(5_000n, 1)
    expect(estimator.estimate(1)).toEqual({ feeRate: 5_000n })
  })

  test('is less for those who can wait', () => {
    for (let round = 0; round < 5; round++) {
      observe(50_000n, 1)
      observe(2_000n, 10)
    }
    const rates = [1, 9, 10, 48].map((target) => estimator.estimate(target).feeRate)
    expect(rates).toEqual([50_000n, 50_000n, 2_000n, 2_000n])
  })

  test('is not made where nothing was fast enough', () => {
    observe(5_000n, 4)
    expect(estimator.estimate(3)).toMatchObject({ feeRate: undefined, reason: 'too-slow' })
    expect(estimator.estimate(4)).toEqual({ feeRate: 5_000n })
  })

  test('counts what still waits as late', () => {
    observe(5_000n, 1)
    for (let i = 0; i < 10; i++) estimator.track(nextId(), 5_000n, height)
    expect(estimator.estimate(1)).toEqual({ feeRate: 5_000n })
    estimator.connectBlock(++height, [])
    expect(estimator.estimate(1)).toMatchObject({ reason: 'too-slow' })
    expect(estimator.estimate(2)).toEqual({ feeRate: 5_000n })
  })

  test('counts what left without being confirmed as late for as long as it had waited', () => {
    observe(5_000n, 1)
    const ids = Array.from({ length: 10 }, nextId)
    for (const id of ids) estimator.track(id, 5_000n, height)
    estimator.connectBlock(++height, [])
    for (const id of ids) estimator.fail(id)
    expect(estimator.estimate(1)).toMatchObject({ reason: 'too-slow' })
    expect(estimator.estimate(2)).toEqual({ feeRate: 5_000n })
    expect(estimator.trackedCount).toBe(0)
  })

  test('follows when fees fall, for old counts fade', () => {
    for (let round = 0; round < 20; round++) observe(90_000n, 1)
    for (let round = 0; round < 60; round++) observe(3_000n, 10)
    expect(estimator.estimate(5)).toEqual({ feeRate: 90_000n })
    for (let round = 0; round < 400; round++) observe(3_000n, 1)
    expect(estimator.estimate(5)).toEqual({ feeRate: 3_000n })
  })

  test('keeps rates above the highest class below its bound', () => {
    observe(10n ** 15n, 1)
    expect(estimator.estimate(1)).toEqual({ feeRate: 10_000_000n })
  })
})

describe('what is watched', () => {
  test('teaches nothing in a reorganisation', () => {
    const ids = Array.from({ length: 10 }, nextId)
    for (const id of ids) estimator.track(id, 5_000n, height)
    estimator.connectBlock(height, ids)
    expect(estimator.trackedCount).toBe(0)
    expect(estimator.estimate(1)).toMatchObject({ reason: 'too-few-transactions' })
  })

  test('may be forgotten', () => {
    const id = nextId()
    estimator.track(id, 5_000n, height)
    estimator.forget(id)
    expect(estimator.trackedCount).toBe(0)
  })

  test('is given up after the longest time that is told apart', () => {
    for (let i = 0; i < 10; i++) estimator.track(nextId(), 5_000n, height)
    for (let block = 1; block < MAX_ESTIMATE_BLOCKS; block++) estimator.connectBlock(++height, [])
    expect(estimator.trackedCount).toBe(10)
    estimator.connectBlock(++height, [])
    expect(estimator.trackedCount).toBe(0)
    expect(estimator.estimate(MAX_ESTIMATE_BLOCKS)).toMatchObject({ reason: 'too-slow' })
  })

  test('is bounded', () => {
    for (let i = 0; i < MAX_TRACKED + 5; i++) estimator.track(nextId(), 5_000n, height)
    expect(estimator.trackedCount).toBe(MAX_TRACKED)
  })
})

describe('what was learned', () => {
  test('outlives the process', () => {
    observe(50_000n, 1)
    observe(2_000n, 10)
    const again = new FeeEstimator(decodeFeeHistory(estimator.encode()))
    for (const target of [1, 10, 48]) expect(again.estimate(target)).toEqual(estimator.estimate(target))
    expect(again.encode()).toEqual(estimator.encode())
  })
})
