/**
 * Searching nonces in parts: shares for several workers, and chunks between which a worker looks up, so that a search can
 * be given up at once.
 *
 * Not for starting workers: that belongs to the application.
 */
import { invariant } from '../errors/index.ts'
import type { BlockHeader } from '../primitives/index.ts'
import { NONCE_COUNT, searchNonce } from './nonce-search.ts'

/** Nonces tried between two looks at what else there is: a few milliseconds. */
export const NONCE_CHUNK = 0x8000

/** Nonces one after the other. */
export interface NonceRange {
  /** 0 to 2^32 - 1. */
  readonly start: number
  /** At most 2^32 - `start`. */
  readonly count: number
}

/** All nonces of a header in shares for `workers` (1 to 2^16), one range for each. */
export function splitNonces(workers: number): NonceRange[] {
  invariant(
    Number.isInteger(workers) && workers >= 1 && workers <= 0x10000,
    'Nonces are shared by 1 to 65,536 workers.',
  )
  const share = Math.ceil(NONCE_COUNT / workers)
  return Array.from({ length: workers }, (_, index) => {
    const start = index * share
    return { start, count: Math.min(share, NONCE_COUNT - start) }
  })
}

/** How the owner of a search takes part in it. */
export interface SearchControl {
  /** Asked before each chunk: whether the search is still wanted. */
  readonly isWanted: () => boolean
  /** Told after each chunk how many nonces were tried. */
  readonly onChunk?: (tried: number) => void
}

/**
 * Searches a range chunk by chunk, in the calling thread.
 *
 * @param header - as for {@link searchNonce}
 * @returns the first nonce with which the header meets its target; `undefined` when there is none, or the search was no
 *   longer wanted
 */
export function searchRange(
  header: BlockHeader,
  { start, count }: NonceRange,
  { isWanted, onChunk }: SearchControl,
): number | undefined {
  const end = start + count
  for (let next = start; next < end && isWanted(); next += NONCE_CHUNK) {
    const chunk = Math.min(NONCE_CHUNK, end - next)
    const nonce = searchNonce(header, next, chunk)
    onChunk?.(chunk)
    if (nonce !== undefined) return nonce
  }
  return undefined
}
