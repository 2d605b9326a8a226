/**
 * Blocks whose bodies nobody is to be asked for at the moment, because relay is putting them together. Pure: the clock is
 * handed in.
 *
 * A hold lasts for a short time from its beginning, however often it is asked for: whoever announces a block and then does
 * not deliver cannot keep it away for longer.
 *
 * Source: docs/protocol/sync.md#blocks
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'

/** Bounds of what is held; `docs/limits.md` mirrors them. */
export const heldBlockLimits = {
  /** Blocks that are held at once; others are not held. */
  blocks: 16,
  /** Milliseconds that a block is held. */
  time: 2_000,
} as const

/** The blocks that are held, the first to end first. */
export class HeldBlocks {
  readonly #until = new Map<string, number>()

  /** How many are held. */
  get size(): number {
    return this.#until.size
  }

  /** When the first hold ends, or `undefined`. In milliseconds. */
  get nextEnd(): number | undefined {
    const [first] = this.#until.values()
    return first
  }

  /** Whether a block is held. */
  has(hash: BlockHash): boolean {
    return this.#until.size > 0 && this.#until.has(bytesKey(hash))
  }

  /** Holds a block from now on, unless it is held already or too many are. */
  hold(hash: BlockHash, now: number): void {
    const key = bytesKey(hash)
    if (this.#until.has(key) || this.#until.size >= heldBlockLimits.blocks) return
    this.#until.set(key, now + heldBlockLimits.time)
  }

  /** Ends the hold of a block; says whether there was one. */
  release(hash: BlockHash): boolean {
    return this.#until.delete(bytesKey(hash))
  }

  /** Ends the holds whose time is over. */
  expire(now: number): void {
    for (const [key, until] of this.#until) {
      if (until > now) return
      this.#until.delete(key)
    }
  }
}
