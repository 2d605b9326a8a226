/**
 * How much each peer may make this node do in a time: a bucket of tokens per peer, which fills again at a steady rate.
 * Pure: the clock is handed in.
 *
 * What is taken beyond what is there becomes a debt, and whoever took it waits until it is paid: nothing is refused, so
 * that a peer that is merely fast is served at the pace that was agreed on. Where waiting is no use, nothing is taken beyond
 * what is there.
 *
 * Source: the generic cell rate algorithm (ITU-T I.371, annex A): one number per peer, the moment when its bucket is full.
 */

/** A bucket: how many tokens it holds, and how many come back in a second. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** Buckets that are remembered; full ones need not be. */
const maxBuckets = 1_000

/** The buckets of all peers. Bound: `maxBuckets`, the one that was used longest ago is forgotten first. */
export class Allowances {
  readonly #millisecondsPerToken: number
  readonly #burst: number
  readonly #fullAt = new Map<string, number>()

  constructor({ burst, perSecond }: Rate) {
    this.#millisecondsPerToken = 1_000 / perSecond
    this.#burst = burst
  }

  /** Takes tokens and returns for how many milliseconds to wait: 0 while there are enough. Fewer than none are given back. */
  take(peer: string, tokens: number, now: number): number {
    const fullAt = Math.max(now, this.#fullAt.get(peer) ?? now) + tokens * this.#millisecondsPerToken
    this.#fullAt.delete(peer)
    this.#fullAt.set(peer, fullAt)
    if (this.#fullAt.size > maxBuckets) this.#forgetSome(now)
    return Math.max(0, fullAt - now - this.#burst * this.#millisecondsPerToken)
  }

  /** Takes tokens if there are enough; says whether there were. */
  takeIfThere(peer: string, tokens: number, now: number): boolean {
    const missing = Math.max(0, (this.#fullAt.get(peer) ?? now) - now)
    if (missing + tokens * this.#millisecondsPerToken > this.#burst * this.#millisecondsPerToken) return false
    this.take(peer, tokens, now)
    return true
  }

  #forgetSome(now: number): void {
    for (const [peer, fullAt] of this.#fullAt) if (fullAt <= now) this.#fullAt.delete(peer)
    const [oldest] = this.#fullAt.keys()
    if (this.#fullAt.size > maxBuckets && oldest !== undefined) this.#fullAt.delete(oldest)
  }
}
