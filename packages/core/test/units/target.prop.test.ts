import { asertTarget } from '@chain/core/consensus'
import { compactFromTarget, MAX_TARGET, targetFromCompact, workFromTarget } from '@chain/core/units'
import { type Arbitrary, assert, bigInt, integer, nat, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { uint32 } from '../arbitraries/primitives.ts'

/** Targets of every size. */
const target: Arbitrary<bigint> = integer({ min: 0, max: 255 }).chain((bits) => {
  return bigInt({ min: 1n << BigInt(bits), max: (2n << BigInt(bits)) - 1n })
})

describe('the compact form of a target', () => {
  test('rounds down, by less than one part in 32,768', () => {
    const law = property(target, (value) => {
      const rounded = targetFromCompact(compactFromTarget(value)) ?? 0n
      expect(rounded).toBeLessThanOrEqual(value)
      expect((value - rounded) * 32_768n).toBeLessThan(value)
    })
    assert(law, { numRuns: 1_000 })
  })

  test('is one of its own, whatever form the target was read from', () => {
    const law = property(uint32, (compact) => {
      const value = targetFromCompact(compact)
      if (value === undefined) return
      expect(value).toBeGreaterThan(0n)
      expect(value).toBeLessThanOrEqual(MAX_TARGET)
      const canonical = compactFromTarget(value)
      expect(targetFromCompact(canonical)).toBe(value)
      expect(compactFromTarget(targetFromCompact(canonical) ?? 0n)).toBe(canonical)
    })
    assert(law, { numRuns: 1_000 })
  })

  test('keeps the order', () => {
    const law = property(target, target, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a]
      const rounded = [low, high].map((value) => targetFromCompact(compactFromTarget(value)) ?? 0n)
      expect(rounded[0]).toBeLessThanOrEqual(rounded[1] ?? 0n)
      expect(workFromTarget(low)).toBeGreaterThanOrEqual(workFromTarget(high))
    })
    assert(law)
  })
})

describe('ASERT', () => {
  const params = { spacing: 60, halfLife: 3_600, powLimit: 0x1e00ffff }
  const anchor = { height: 1, parentTime: 1_000_000, bits: 0x1d00ffff }
  const limit = targetFromCompact(params.powLimit) ?? 0n

  test('keeps the target while the chain is on schedule', () => {
    const law = property(nat(1_000_000), (height) => {
      const time = anchor.parentTime + height * params.spacing
      expect(asertTarget(params, anchor, height, time)).toBe(anchor.bits)
    })
    assert(law)
  })

  test('never makes a later block harder, nor passes the limits', () => {
    const law = property(integer({ min: 1, max: 100_000 }), uint32, uint32, (height, a, b) => {
      const [early, late] = [Math.min(a, b), Math.max(a, b)].map((time) => {
        return targetFromCompact(asertTarget(params, anchor, height, time)) ?? 0n
      })
      expect(early).toBeGreaterThan(0n)
      expect(early).toBeLessThanOrEqual(late ?? 0n)
      expect(late).toBeLessThanOrEqual(limit)
    })
    assert(law, { numRuns: 500 })
  })

  test('doubles for each half-life behind the schedule, to the precision of the compact form', () => {
    const law = property(
      integer({ min: -12, max: 7 }),
      integer({ min: 1, max: 100_000 }),
      (halfLives, height) => {
        const time = anchor.parentTime + height * params.spacing + halfLives * params.halfLife
        const start = targetFromCompact(anchor.bits) ?? 0n
        const expected = halfLives < 0 ? start >> BigInt(-halfLives) : start << BigInt(halfLives)
        const bounded = expected > limit ? limit : expected
        expect(asertTarget(params, anchor, height, time)).toBe(compactFromTarget(bounded))
      },
    )
    assert(law)
  })
})
