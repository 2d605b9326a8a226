/**
 * Work: the expected number of hashes behind a block or a chain of blocks.
 */
import type { Target } from './target.ts'

/** An expected number of hash computations. The chain with the most of it is the best. */
export type Work = bigint

/**
 * The expected number of hashes to meet a target: `2^256 / (target + 1)`, rounded down.
 *
 * Source: Bitcoin Core, `GetBlockProof`; docs/protocol/consensus.md#work
 */
export function workFromTarget(target: Target): Work {
  return (1n << 256n) / (target + 1n)
}
