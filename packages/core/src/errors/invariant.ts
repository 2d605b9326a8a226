/** A fact that our own code relies on did not hold: a bug of ours, never the fault of data. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/**
 * States a fact that must hold whatever anybody sends us.
 *
 * @throws {InvariantError} when `condition` is false.
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
