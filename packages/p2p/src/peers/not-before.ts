/**
 * Moments before which peers or addresses are to be left alone. Pure: the clock is handed in.
 *
 * Bound: said with each moment that is set; the one that was set longest ago is forgotten first.
 */
export class NotBefore {
  readonly #moments = new Map<string, number>()

  /** The moment of a peer id or an address; 0 when there is none. */
  get(key: string): number {
    return this.#moments.get(key) ?? 0
  }

  /** Sets a moment, which may be `Infinity`, in place of the one before. @param bound - how many there may be */
  set(key: string, moment: number, bound: number): void {
    this.#moments.delete(key)
    this.#moments.set(key, moment)
    const [oldest] = this.#moments.keys()
    if (this.#moments.size > bound && oldest !== undefined) this.#moments.delete(oldest)
  }

  /** Forgets the moment of a peer id or an address. */
  delete(key: string): void {
    this.#moments.delete(key)
  }

  /** Forgets all moments that would come some day. */
  forgetFinite(): void {
    for (const [key, moment] of this.#moments)
      if (moment !== Number.POSITIVE_INFINITY) this.#moments.delete(key)
  }
}
