/**
 * Blocks that were handed to the chain and are not durable yet: how many they are is bounded, in bytes and in number, and
 * the first error among them is kept until somebody waits.
 */
import { bytesKey } from '@chain/core/bytes'
import type { BlockHash } from '@chain/core/primitives'

/** Most bytes of blocks in flight: enough for the pipeline of the chain, and for all cores. */
const MAX_BYTES = 8 * 1024 * 1024

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
      const isRoom = this.#bytes + length <= MAX_BYTES && this.#entries.size < MAX_BLOCKS
      if (isRoom || this.#failure !== undefined) break
      await done
    }
    this.#throwFailure()
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
