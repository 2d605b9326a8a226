import { ROLLING_HALF_LIFE } from '@chain/core/mempool'
import { describe, expect, test } from 'vitest'
import { RollingFeeRate } from '../../src/mempool/rolling-fee-rate.ts'

function raised(): RollingFeeRate {
  const rolling = new RollingFeeRate(1_000n)
  rolling.raise(31_000n)
  return rolling
}

describe('the rolling minimum', () => {
  test('is nothing before anything was evicted', () => {
    const rolling = new RollingFeeRate(1_000n)
    rolling.connectBlock(0)
    expect(rolling.current(10, 1)).toBe(0n)
  })

  test('is a step above what was evicted, the highest of it', () => {
    const rolling = raised()
    rolling.raise(5_000n)
    expect(rolling.current(0, 1)).toBe(32_000n)
  })

  test('stays until a block has come', () => {
    const rolling = raised()
    expect(rolling.current(10 * ROLLING_HALF_LIFE, 1)).toBe(32_000n)
    rolling.connectBlock(10 * ROLLING_HALF_LIFE)
    expect(rolling.current(11 * ROLLING_HALF_LIFE, 1)).toBe(16_000n)
  })

  test.each([
    [1, 16_000n],
    [0.5, 16_000n],
    [0.49, 8_000n],
    [0.25, 8_000n],
    [0.24, 2_000n],
  ])('falls faster in an emptier mempool: %f full', (fullness, rate) => {
    const rolling = raised()
    rolling.connectBlock(0)
    expect(rolling.current(ROLLING_HALF_LIFE, fullness)).toBe(rate)
  })

  test('falls the same in one step and in many', () => {
    const rolling = raised()
    rolling.connectBlock(0)
    for (let step = 1; step <= 48; step++) rolling.current((step * ROLLING_HALF_LIFE) / 48, 1)
    const rate = Number(rolling.current(ROLLING_HALF_LIFE, 1))
    expect(Math.abs(rate - 16_000)).toBeLessThanOrEqual(1)
  })

  test('is at least one step, and gone below half of it', () => {
    const rolling = raised()
    rolling.connectBlock(0)
    expect(rolling.current(5.5 * ROLLING_HALF_LIFE, 1)).toBe(1_000n)
    expect(rolling.current(6.1 * ROLLING_HALF_LIFE, 1)).toBe(0n)
    rolling.raise(0n)
    expect(rolling.current(6.1 * ROLLING_HALF_LIFE, 1)).toBe(1_000n)
  })

  test('does not mind a clock that goes back', () => {
    const rolling = raised()
    rolling.connectBlock(1_000)
    expect(rolling.current(0, 1)).toBe(32_000n)
  })
})
