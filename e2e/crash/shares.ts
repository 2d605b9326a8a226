/** How many kills each operation gets. */
import type { Operation } from './operations.ts'

/** Divides kills among operations, rounded up, so that each gets at least one. */
export function sharesOf(operations: readonly Operation[], kills: number): [Operation, number][] {
  const all = operations.reduce((sum, { share }) => sum + share, 0)
  return operations.map((operation) => [operation, Math.ceil((kills * operation.share) / all)])
}
