/**
 * What the clocks of peers say about ours: when most of them differ from it in the same way, ours is probably wrong.
 *
 * Nothing is corrected by it: a warning is all, since whoever fills our outbound slots could set our clock otherwise.
 * Pure. Bound: `maxSamples`, the oldest is forgotten first.
 *
 * Source: docs/protocol/peers.md#status; Bitcoin Core, `node/timeoffsets.h`
 */

/** Samples that are remembered. */
const maxSamples = 50

/** Samples below which nothing is said. */
const leastSamples = 5

/** Seconds by which our clock may differ from the median of theirs. */
export const tolerableOffset = 600

/** Offsets of clocks, one of each peer. */
export class ClockOffsets {
  readonly #offsets = new Map<string, number>()

  /** A peer that this node chose has a clock that is so many seconds ahead of ours. */
  add(peerId: string, seconds: number): void {
    this.#offsets.delete(peerId)
    this.#offsets.set(peerId, seconds)
    const [oldest] = this.#offsets.keys()
    if (this.#offsets.size > maxSamples && oldest !== undefined) this.#offsets.delete(oldest)
  }

  /** Our clock was set: what was said of it before is no more. */
  clear(): void {
    this.#offsets.clear()
  }

  /** Seconds by which the middle one of the clocks is ahead of ours; 0 while there are too few. */
  get median(): number {
    const sorted = [...this.#offsets.values()].sort((a, b) => a - b)
    return sorted.length < leastSamples ? 0 : (sorted[Math.floor(sorted.length / 2)] ?? 0)
  }

  /** Whether our clock seems to be wrong. */
  get isSuspect(): boolean {
    return Math.abs(this.median) > tolerableOffset
  }
}
