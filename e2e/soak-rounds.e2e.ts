/** A few rounds of what `npm run soak` does for as long as one likes. */
import { expect, test } from 'vitest'
import { judge } from './soak/judge.ts'
import { takeSample } from './soak/sample.ts'
import { Soak } from './soak/soak.ts'

test('imports, reorganisations, queries and pruning leave no descriptor, reader or thread behind', async () => {
  const soak = await Soak.begin()
  const counts: (number | undefined)[][] = []
  for (let round = 0; round < 3; round++) {
    await soak.round()
    const sample = await takeSample(soak.dataFile)
    counts.push(['LMDB readers', 'descriptors', 'threads'].map((name) => sample.get(name)))
  }
  await soak.close()
  expect(counts[2]).toEqual(counts[1])
  expect(counts[2]?.[0]).toBe(1)
})

test('a soak fails for what grows steadily, and not for what jumps or settles', () => {
  const rounds = Array.from({ length: 40 }, (_, round) => round)
  const failuresOf = (name: string, numberOf: (round: number) => number): number =>
    judge(rounds.map((round) => new Map([[name, numberOf(round)]]))).failures.length
  expect(failuresOf('descriptors', (round) => 20 + (round >> 3))).toBe(1)
  expect(failuresOf('heap', (round) => 2e7 + round * 2e5)).toBe(1)
  expect(failuresOf('heap', (round) => 2e7 + (round % 9 === 0 ? 5e7 : 0))).toBe(0)
  expect(failuresOf('heap', (round) => 2e7 + Math.min(round, 15) * 1e6)).toBe(0)
  expect(failuresOf('LMDB readers', () => 1)).toBe(0)
})
