import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FeeFilter, roundFeeRate } from '../../src/relay/fee-filter.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'

const minimum = 1_000n
const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true })

describe('a rounded fee rate', () => {
  it('is a step of a tenth from the one that it stands for, and never below the minimum', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 3_000_000_000n }), chance, (rate, drawn) => {
        const rounded = Number(roundFeeRate(rate, minimum, () => drawn))
        expect(rounded).toBeGreaterThanOrEqual(1_000)
        expect(rounded).toBeGreaterThanOrEqual(Math.floor(Number(rate) / 1.101))
        expect(rounded).toBeLessThanOrEqual(Math.max(1_000, Math.ceil(Number(rate) * 1.101)))
      }),
    )
  })

  it('is one of few: the same for rates that are close to each other', () => {
    const told = new Set<bigint>()
    for (let rate = 5_000n; rate < 5_500n; rate++) told.add(roundFeeRate(rate, minimum, () => 0.5))
    expect(told.size).toBeLessThanOrEqual(2)
  })

  it('is the upper step one time of three', () => {
    const told = Array.from({ length: 300 }, (_, index) => roundFeeRate(5_200n, minimum, () => index / 300))
    const upper = told.filter((rate) => rate > 5_200n)
    expect(upper).toHaveLength(100)
    expect(new Set(told).size).toBe(2)
  })

  it('is exact for the minimum, which everybody knows', () => {
    for (const drawn of [0, 0.5, 0.999]) expect(roundFeeRate(minimum, minimum, () => drawn)).toBe(minimum)
  })

  it('fits into its message however high it is', () => {
    expect(roundFeeRate(10n ** 15n, minimum, () => 0)).toBe(0xffff_ffffn)
  })
})

describe('a fee filter', () => {
  it('is told at once, and then no more often than its times', () => {
    const filter = new FeeFilter(() => 0.5)
    expect(filter.next(1_000n, minimum, 0)).toBe(1_000n)
    const due = relayLimits.feeFilterMean * Math.LN2
    expect(filter.next(1_100n, minimum, due - 1)).toBeUndefined()
    expect(filter.next(2_000n, minimum, due)).toBe(1_949n)
  })

  it('is not told again when it has not changed', () => {
    const filter = new FeeFilter(() => 0.5)
    filter.next(1_000n, minimum, 0)
    expect(filter.next(1_000n, minimum, relayLimits.feeFilterMean)).toBeUndefined()
  })

  it('is told earlier when it has changed much', () => {
    const filter = new FeeFilter(() => 0.5)
    filter.next(1_000n, minimum, 0)
    expect(filter.next(10_000n, minimum, 1)).toBeUndefined()
    expect(filter.next(10_000n, minimum, 1 + relayLimits.feeFilterHaste / 2)).toBeGreaterThan(9_000n)
  })
})
