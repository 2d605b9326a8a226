import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairShare } from '../../src/dht/fair-share.ts'

const steps = fc.array(fc.record({ id: fc.nat(60).map(String), owner: fc.nat(8).map(String) }), {
  maxLength: 200,
})

describe('the shares of a table', () => {
  it('are never exceeded, and hold what was added and not displaced', () => {
    fc.assert(
      fc.property(steps, (added) => {
        const share = new FairShare({ total: 20, perOwner: 6 })
        const kept = new Map<string, string>()
        for (const { id, owner } of added) {
          kept.set(id, owner)
          const displaced = share.add(id, owner)
          expect(displaced).not.toBe(id)
          if (displaced !== undefined) kept.delete(displaced)
          expect(new Set(share.draw(Math.random))).toEqual(new Set(kept.keys()))
          expect(kept.size).toBeLessThanOrEqual(20)
          for (const one of kept.values()) {
            expect([...kept.values()].filter((other) => other === one).length).toBeLessThanOrEqual(6)
          }
        }
      }),
    )
  })

  it('are drawn so that nobody has a second one before everybody has one', () => {
    fc.assert(
      fc.property(steps, (added) => {
        const share = new FairShare({ total: 20, perOwner: 6 })
        for (const { id, owner } of added) share.add(`${owner} ${id}`, owner)
        const owners = share.draw(Math.random).map((id) => id.split(' ')[0])
        expect(new Set(owners.slice(0, new Set(owners).size))).toEqual(new Set(owners))
      }),
    )
  })

  it('of somebody who has few rows are not taken by somebody who has many', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (spam) => {
        const share = new FairShare({ total: 20, perOwner: 20 })
        for (let row = 0; row < 5; row += 1) share.add(`honest ${row}`, 'honest')
        for (let row = 0; row < spam; row += 1) share.add(`spam ${row}`, 'spammer')
        expect(share.draw(Math.random).filter((id) => id.startsWith('honest'))).toHaveLength(5)
      }),
    )
  })
})
