/**
 * A set that forgets: holds the last so many keys that were added.
 */
export class RecentSet {
  readonly #capacity: number
  readonly #keys = new Set<string>()

  /** `capacity` is the bound on its size, at least 1. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Adds a key, or makes it the newest. */
  add(key: string): void {
    this.#keys.delete(key)
    this.#keys.add(key)
    if (this.#keys.size <= this.#capacity) return
    const [oldest] = this.#keys
    if (oldest !== undefined) this.#keys.delete(oldest)
  }

  /** Forgets a key; says whether it was there. */
  delete(key: string): boolean {
    return this.#keys.delete(key)
  }

  /** Whether a key is among those that were added last. */
  has(key: string): boolean {
    return this.#keys.has(key)
  }
}
