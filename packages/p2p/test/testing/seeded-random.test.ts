import { constant, logNormal, SeededRandom, uniform } from '@chain/p2p/testing'
import { expect, it } from 'vitest'

const draw = (random: SeededRandom, count = 5): number[] => Array.from({ length: count }, random.next)

it('gives the same numbers for the same seed, and others for others and for forks', () => {
  expect(draw(new SeededRandom('a'))).toEqual(draw(new SeededRandom('a')))
  expect(draw(new SeededRandom('a'))).not.toEqual(draw(new SeededRandom('b')))
  expect(draw(new SeededRandom('a').fork('x'))).not.toEqual(draw(new SeededRandom('a').fork('y')))
})

it('a fork is the same however much was drawn before', () => {
  const random = new SeededRandom('a')
  const before = draw(random.fork('x'))
  draw(random)
  expect(draw(random.fork('x'))).toEqual(before)
})

it('spreads evenly', () => {
  const random = new SeededRandom('even')
  const counts = new Array<number>(10).fill(0)
  for (let count = 0; count < 10_000; count++) {
    const index = random.below(10)
    counts[index] = (counts[index] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})

it('takes samples without repetition, and no more than there are', () => {
  const random = new SeededRandom('sample')
  const items = [1, 2, 3, 4, 5]
  expect(new Set(random.sample(items, 3)).size).toBe(3)
  expect(random.sample(items, 9).sort((a, b) => a - b)).toEqual(items)
  expect(items).toEqual([1, 2, 3, 4, 5])
})

it('draws from distributions with the middle that they name', () => {
  const random = new SeededRandom('distributions')
  const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[500] ?? 0
  const numbers = (distribution: ReturnType<typeof constant>): number[] =>
    Array.from({ length: 1_001 }, () => distribution(random))
  expect(median(numbers(constant(3)))).toBe(3)
  expect(median(numbers(uniform(50, 150)))).toBeCloseTo(100, -1.3)
  expect(median(numbers(logNormal(100, 0.5)))).toBeCloseTo(100, -1.3)
  const waits = numbers((each) => each.exponential(10))
  expect(waits.reduce((a, b) => a + b) / waits.length).toBeCloseTo(10, -0.6)
})
