import { ancestors, type MempoolEntry, orderForMining, selectEntries } from '@chain/core/mempool'
import { array, assert, integer, nat, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainEntry } from './entries.ts'

const plan = record({
  fee: integer({ min: 0, max: 5_000 }),
  size: integer({ min: 100, max: 400 }),
  parents: array(nat(30), { maxLength: 3 }),
})

/** Entries of any shape of family. */
const plans = array(plan, { maxLength: 30 })

function entriesOf(planned: Iterable<{ fee: number; size: number; parents: number[] }>): MempoolEntry[] {
  const entries: MempoolEntry[] = []
  for (const { fee, size, parents } of planned) {
    const chosen = new Set(parents.flatMap((pick) => entries[pick % Math.max(entries.length, 1)] ?? []))
    entries.push(plainEntry(fee, size, [...chosen]))
  }
  return entries
}

/** What the order must be, found by looking at every package again and again. */
function orderSlowly(entries: readonly MempoolEntry[], maxWeight: number): MempoolEntry[] {
  const taken: MempoolEntry[] = []
  const tooHeavy = new Set<MempoolEntry>()
  let room = maxWeight
  for (;;) {
    const packages = entries
      .filter((entry) => !taken.includes(entry) && !tooHeavy.has(entry))
      .map((entry) => [...ancestors(entry), entry].filter((one) => !taken.includes(one)))
    let best: MempoolEntry[] | undefined
    for (const one of packages) if (best === undefined || rateOf(one) > rateOf(best)) best = one
    if (best === undefined) return taken
    const weight = best.reduce((sum, one) => sum + one.weight, 0)
    if (weight > room) tooHeavy.add(best.at(-1) as MempoolEntry)
    else {
      room -= weight
      taken.push(...best.sort((a, b) => ancestors(a).size - ancestors(b).size))
    }
  }
}

function rateOf(entries: readonly MempoolEntry[]): number {
  const fee = entries.reduce((sum, entry) => sum + Number(entry.fee), 0)
  return fee / entries.reduce((sum, entry) => sum + entry.size, 0)
}

describe('the order of mining', () => {
  test('takes the same as a search through all packages', () => {
    const law = property(plans, nat(20_000), (planned, maxWeight) => {
      const entries = entriesOf(planned)
      const order = orderForMining(entries, maxWeight).map(({ entry }) => entry)
      const expected = orderSlowly(entries, maxWeight)
      expect(new Set(order)).toEqual(new Set(expected))
    })
    assert(law)
  })

  test('has parents before their children, and never too much', () => {
    const law = property(plans, nat(20_000), (planned, maxWeight) => {
      const entries = entriesOf(planned)
      for (const chosen of [
        orderForMining(entries, maxWeight).map(({ entry }) => entry),
        selectEntries(entries, maxWeight),
      ]) {
        const before = new Set<MempoolEntry>()
        for (const entry of chosen) {
          for (const parent of entry.parents) expect(before.has(parent)).toBe(true)
          before.add(entry)
        }
        expect(chosen.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(maxWeight)
      }
    })
    assert(law)
  })

  test('tells how much goes first', () => {
    const law = property(plans, (planned) => {
      const entries = entriesOf(planned)
      const order = orderForMining(entries, Number.POSITIVE_INFINITY)
      expect(order).toHaveLength(entries.length)
      let ahead = 0
      for (const { entry, sizeAhead } of order) {
        expect(sizeAhead).toBe(ahead)
        ahead += entry.size
      }
    })
    assert(law)
  })
})
