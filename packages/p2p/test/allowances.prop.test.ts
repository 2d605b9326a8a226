import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Allowances } from '../src/allowances.ts'

const rate = fc.record({
  burst: fc.integer({ min: 1, max: 100 }),
  perSecond: fc.integer({ min: 1, max: 100 }),
})

/** Tokens that are taken one after the other, and the pauses before them in milliseconds. */
const takings = fc.array(fc.record({ tokens: fc.nat({ max: 200 }), pause: fc.nat({ max: 5_000 }) }), {
  minLength: 1,
  maxLength: 50,
})

describe('an allowance', () => {
  it('gives whoever waits as told no more than the burst and what came back, and never lets anybody wait in vain', () => {
    fc.assert(
      fc.property(rate, takings, ({ burst, perSecond }, steps) => {
        const allowances = new Allowances({ burst, perSecond })
        let [now, taken] = [0, 0]
        for (const { tokens, pause } of steps) {
          now += pause
          taken += tokens
          const wait = allowances.take('peer', tokens, now)
          now += wait
          expect(taken).toBeLessThanOrEqual(burst + (now / 1_000) * perSecond + 1e-6)
          if (wait > 0) expect(allowances.take('peer', 0, now - wait / 2)).toBeCloseTo(wait / 2, 3)
        }
      }),
    )
  })

  it('is the same as that of a bucket that fills drop by drop', () => {
    fc.assert(
      fc.property(rate, takings, ({ burst, perSecond }, steps) => {
        const allowances = new Allowances({ burst, perSecond })
        let [now, level] = [0, burst]
        for (const { tokens, pause } of steps) {
          now += pause
          level = Math.min(burst, level + (pause * perSecond) / 1_000) - tokens
          expect(allowances.take('peer', tokens, now)).toBeCloseTo(
            (Math.max(0, -level) * 1_000) / perSecond,
            3,
          )
        }
      }),
    )
  })
})
