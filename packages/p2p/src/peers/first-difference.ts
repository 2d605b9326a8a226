/**
 * Comparing by several numbers, the most important first. Pure.
 */

/** The first of the differences that is not 0, or 0: the result of a comparison. */
export function firstDifference(...differences: readonly number[]): number {
  return differences.find((difference) => difference !== 0) ?? 0
}
