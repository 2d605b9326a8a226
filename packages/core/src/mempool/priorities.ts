/**
 * What an operator wants transactions to count as paying beyond their fees, whether they wait here already or not.
 *
 * Bounded by {@link MAX_PRIORITIES}.
 */
import { bytesKey } from '../bytes/index.ts'
import { OperationalError } from '../errors/index.ts'
import type { Txid } from '../primitives/index.ts'
import type { Amount } from '../units/index.ts'

/** Most transactions that may have a priority. */
export const MAX_PRIORITIES = 10_000

/** What an operator wants transactions to count as paying beyond their fee; at most {@link MAX_PRIORITIES}. */
export class Priorities {
  readonly #deltas = new Map<string, readonly [Txid, Amount]>()

  /** Base units; 0 where nobody said anything. */
  get(id: Txid): Amount {
    return this.#deltas.size === 0 ? 0n : (this.#deltas.get(bytesKey(id))?.[1] ?? 0n)
  }

  /**
   * Adds to what a transaction counts as paying, and returns the new sum.
   *
   * @throws {OperationalError} `priorities-full`
   */
  add(id: Txid, change: Amount): Amount {
    const key = bytesKey(id)
    const delta = this.get(id) + change
    if (delta === 0n) this.#deltas.delete(key)
    else {
      if (!this.#deltas.has(key) && this.#deltas.size >= MAX_PRIORITIES) throw full()
      this.#deltas.set(key, [id.slice(), delta])
    }
    return delta
  }

  /** Forgets what was said about a transaction. */
  delete(id: Txid): void {
    if (this.#deltas.size > 0) this.#deltas.delete(bytesKey(id))
  }

  /** All that are not 0. */
  entries(): Iterable<readonly [Txid, Amount]> {
    return this.#deltas.values()
  }
}

function full(): OperationalError {
  return new OperationalError(
    'priorities-full',
    `${MAX_PRIORITIES} transactions have a priority already: take back some of them first.`,
    { limit: MAX_PRIORITIES },
  )
}
