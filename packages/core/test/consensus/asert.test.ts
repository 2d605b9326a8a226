import { asertTarget } from '@chain/core/consensus'
import { InvariantError } from '@chain/core/errors'
import { targetFromCompact } from '@chain/core/units'
import { describe, expect, test } from 'vitest'

const halfLife = 3_600
const params = { spacing: 60, halfLife, powLimit: 0x207fffff }

/** The hardest target there is, 1, at height 1 and time 60. */
const anchor = { height: 1, parentTime: 0, bits: 0x03000001 }

/** The target after a first block that comes so many seconds late. */
function targetAfter(late: number, changes: Partial<typeof params> = {}): bigint | undefined {
  return targetFromCompact(asertTarget({ ...params, ...changes }, anchor, 1, 60 + late))
}

describe('a target by ASERT', () => {
  test.each([0, 1, 15, 16, 17, 100, 254])('doubles %i times in as many half-lives', (halfLives) => {
    expect(targetAfter(halfLives * halfLife)).toBe(2n ** BigInt(halfLives))
  })

  test.each([255, 272, 273, 1_000])('is the limit after %i half-lives', (halfLives) => {
    expect(targetAfter(halfLives * halfLife)).toBe(targetFromCompact(params.powLimit))
  })

  test('is the limit after the longest pause under the shortest half-life', () => {
    expect(targetAfter(0xffffffff - 60, { halfLife: 1 })).toBe(targetFromCompact(params.powLimit))
  })

  test('is never reckoned from a number that is no target', () => {
    const noTarget = (): unknown => asertTarget(params, { ...anchor, bits: 0 }, 1, 60)
    const noLimit = (): unknown => asertTarget({ ...params, powLimit: 0 }, anchor, 1, 60)
    for (const reckon of [noTarget, noLimit]) expect(reckon).toThrow(InvariantError)
  })
})
