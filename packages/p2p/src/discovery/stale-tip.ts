/**
 * Notices that no block has come for longer than chance explains: peers may be keeping blocks from this node.
 *
 * Not for what follows (`scheduler.ts`).
 *
 * Source: docs/protocol/peers.md#discovery; Bitcoin Core, the check for a stale tip
 */
import type { ChainPort } from '../ports.ts'
import { discoveryLimits } from './discovery-limits.ts'

/** Follows the tip of a chain, from the beginning until it is stopped. */
export class StaleTip {
  readonly #patience: number
  readonly #steady: () => number
  readonly #unsubscribe: () => void
  #since: number

  /** `steady` gives milliseconds since some moment, never going back. */
  constructor(chain: Pick<ChainPort, 'spec' | 'subscribe'>, steady: () => number) {
    const { difficulty, spacing } = chain.spec.consensus
    // Without difficulty, blocks come when somebody makes them.
    const hasRhythm = difficulty.algorithm !== 'none'
    this.#patience = hasRhythm ? (discoveryLimits.staleSpacings * spacing + 60) * 1_000 : Infinity
    this.#steady = steady
    this.#since = steady()
    this.#unsubscribe = chain.subscribe((event) => {
      if (event.type === 'tip-changed') this.#since = steady()
    })
  }

  /** Whether the tip is stale now. */
  get isStale(): boolean {
    return this.#steady() - this.#since > this.#patience
  }

  /** Follows the tip no more. */
  stop(): void {
    this.#unsubscribe()
  }
}
