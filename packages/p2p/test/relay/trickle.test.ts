import { loadNetwork } from '@chain/core/consensus'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Trickle, trickleMeans } from '../../src/relay/trickle.ts'

/** Numbers from 0 to below 1 that cover them evenly, in no particular order. */
function evenly(count: number): () => number {
  let index = 0
  return () => ((index++ * 7_919) % count) / count
}

describe('the times at which peers are told', () => {
  it('are those of Bitcoin Core where blocks are a minute apart, and shorter where they come faster', () => {
    expect(trickleMeans(loadNetwork('main').consensus)).toEqual({ inbound: 5_000, outbound: 2_000 })
    const dev = trickleMeans(loadNetwork('dev').consensus)
    expect(dev.inbound).toBeLessThan(500)
    expect(dev.outbound).toBeLessThan(200)
    expect(trickleMeans(loadNetwork('regtest').consensus).inbound).toBeLessThanOrEqual(100)
  })

  it('have the mean that they should have', () => {
    const trickle = new Trickle({ inbound: 5_000, outbound: 2_000 }, evenly(10_000))
    let sum = 0
    for (let count = 0; count < 10_000; count++) sum += trickle.delay('outbound', 0)
    expect(sum / 10_000).toBeGreaterThan(1_950)
    expect(sum / 10_000).toBeLessThan(2_050)
  })

  it('are the same for all inbound peers, until the next', () => {
    const chances = fc.array(fc.double({ min: 0.001, max: 0.999, noNaN: true }), {
      minLength: 30,
      maxLength: 30,
    })
    fc.assert(
      fc.property(chances, fc.array(fc.nat({ max: 2_000 }), { maxLength: 30 }), (numbers, steps) => {
        let index = 0
        const trickle = new Trickle(
          { inbound: 5_000, outbound: 2_000 },
          () => numbers[index++ % 30] as number,
        )
        let now = 0
        for (const step of steps) {
          const moment = now + trickle.delay('inbound', now)
          expect(now + trickle.delay('inbound', now)).toBe(moment)
          now += step
          if (now < moment) expect(now + trickle.delay('inbound', now)).toBeCloseTo(moment, 6)
        }
      }),
    )
  })
})
