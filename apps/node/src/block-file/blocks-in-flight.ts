/**
 * Blocks that were handed to the chain and are not durable yet: how many they are is bounded, in bytes and in number, and
 * the first error among them is kept until somebody waits.
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'

/**
 * Most bytes of blocks in flight beyond the first few: what many cores verify in a tenth of a second. A decoded block takes
 * about twelve times its length in memory, and the longer it lives, the more it costs to clean up after it.
 */
const MAX_BYTES = 2 * 1024 * 1024

/** Blocks that may be in flight however long they are, so that work on them overlaps. */
const FIRST_BLOCKS = 4

/** Most blocks in flight. */
const MAX_BLOCKS = 1_024

interface Entry {
  readonly length: number
  readonly done: Promise<void>
}

/** Blocks in flight, oldest first. */
export class BlocksInFlight {
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #failure: { readonly error: unknown } | undefined

  /** Length of the blocks in flight. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a block is in flight. */
  has(hash: BlockHash): boolean {
    return this.#entries.has(bytesKey(hash))
  }

  /** Adds a block, which is in flight until `work` has settled. */
  add(hash: BlockHash, length: number, work: Promise<void>): void {
    const key = bytesKey(hash)
    const done = work
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .then(() => {
        this.#entries.delete(key)
        this.#bytes -= length
      })
    this.#entries.set(key, { length, done })
    this.#bytes += length
  }

  /** Waits until there is room for another block. Rejects with the error of the first block that failed. */
  async hasRoom(length: number): Promise<void> {
    for (const { done } of this.#entries.values()) {
      if (this.#isRoom(length) || this.#failure !== undefined) break
      await done
    }
    this.#throwFailure()
  }

  #isRoom(length: number): boolean {
    const { size } = this.#entries
    return size < FIRST_BLOCKS || (size < MAX_BLOCKS && this.#bytes + length <= MAX_BYTES)
  }

  /** Waits until nothing is in flight. Rejects with the error of the first block that failed. */
  async settle(): Promise<void> {
    while (this.#entries.size > 0) await this.#entries.values().next().value?.done
    this.#throwFailure()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
