/**
 * What was last known of each peer, for a bounded number of peers: the one that was heard of longest ago is forgotten first.
 */
import { discoveryLimits } from './discovery-limits.ts'

/** Values by peer id. Bound: `discoveryLimits.remembered`. */
export class RecentMap<Value> {
  readonly #values = new Map<string, Value>()

  /** The value of a peer, or `undefined`. */
  get(peerId: string): Value | undefined {
    return this.#values.get(peerId)
  }

  /** Sets the value of a peer. */
  set(peerId: string, value: Value): void {
    this.#values.delete(peerId)
    this.#values.set(peerId, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > discoveryLimits.remembered && oldest !== undefined) this.#values.delete(oldest)
  }
}
