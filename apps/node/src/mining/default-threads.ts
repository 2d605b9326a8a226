/** How many threads mine unless told otherwise. */
import { availableParallelism } from 'node:os'

/** All cores but one, and at least one. */
export function defaultThreads(): number {
  return Math.max(1, availableParallelism() - 1)
}
