/**
 * Distributions of times and rates.
 */
import type { SeededRandom } from './seeded-random.ts'

/** Draws a number; the unit is the user's. */
export type Distribution = (random: SeededRandom) => number

/** Always the same number. */
export function constant(value: number): Distribution {
  return () => value
}

/** Any number from `least` to `most`, each as likely as the others. */
export function uniform(least: number, most: number): Distribution {
  return (random) => least + random.next() * (most - least)
}

/** Numbers around `median` of which a few are much larger, as times on long lines are; `spread` is 0.3 to 1 for most uses. */
export function logNormal(median: number, spread: number): Distribution {
  return (random) => median * Math.exp(spread * normal(random))
}

/** Source: G. E. P. Box, M. E. Muller, 1958. */
function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
