/**
 * Whether numbers that were sampled over a long time grow.
 */

/** What becomes of one number over time. */
export interface Trend {
  /** Median of the third quarter of the samples, and of the last one: the first half is for settling. */
  readonly third: number
  readonly last: number
  readonly most: number
  /** By how much the second half grows from its beginning to its end, by the median of the slopes of all pairs. */
  readonly growth: number
}

/** Looks at samples in the order in which they were taken, of which there are four at least. */
export function trendOf(samples: readonly number[]): Trend {
  const half = samples.slice(samples.length >> 1)
  const middle = half.length >> 1
  return {
    third: median(half.slice(0, middle)),
    last: median(half.slice(middle)),
    most: Math.max(...samples),
    growth: slopeOf(half) * (half.length - 1),
  }
}

/** Change from one sample to the next. Source: H. Theil and P. K. Sen, the median of the slopes of all pairs. */
function slopeOf(samples: readonly number[]): number {
  const slopes = samples.flatMap((from, start) =>
    samples.slice(start + 1).map((to, distance) => (to - from) / (distance + 1)),
  )
  return median(slopes)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return ((low as number) + (high as number)) / 2
}
