/**
 * Blocks that peers have announced, that do not belong to the header chain with the most work, and that are better than the tip
 * all the same.
 *
 * Whoever has a block may tell its header and keep the body: of two blocks at one height the first one known would be waited for in
 * vain, while the other one is there for the asking.
 *
 * Source: docs/protocol/sync.md#blocks; Bitcoin Core, `HeadersDirectFetchBlocks`
 */
import type { BlockNode } from '@chain/core/chain'
import type { ChainPort } from '../ports.ts'

/** Bounds of what is asked for beside the best header chain; `docs/limits.md` mirrors them. */
export const rivalBlockLimits = {
  /** Ends of branches that are remembered; the oldest is forgotten first. */
  branches: 8,
  /** Blocks of a branch that are asked for; one that lacks more has to become the best first. */
  blocks: 8,
} as const

/** The ends of branches that may be followed instead. */
export class RivalBlocks {
  readonly #chain: Pick<ChainPort, 'tip' | 'bestHeader'>
  readonly #ends = new Set<BlockNode>()

  constructor(chain: Pick<ChainPort, 'tip' | 'bestHeader'>) {
    this.#chain = chain
  }

  /** A peer has announced a block. */
  add(end: BlockNode): void {
    this.#ends.delete(end)
    if (!this.#isRival(end)) return
    this.#ends.add(end)
    const [oldest] = this.#ends
    if (this.#ends.size > rivalBlockLimits.branches && oldest !== undefined) this.#ends.delete(oldest)
  }

  /** Those whose bodies are missing, of each branch lowest first. */
  missing(): BlockNode[] {
    for (const end of this.#ends) if (!this.#isRival(end)) this.#ends.delete(end)
    return [...new Set([...this.#ends].flatMap(missingOf))]
  }

  #isRival(end: BlockNode): boolean {
    const { tip, bestHeader } = this.#chain
    if (end.failed || end.hasBody || end.chainWork <= tip.chainWork) return false
    return bestHeader.height < end.height || bestHeader.ancestor(end.height) !== end
  }
}

/** The missing bodies of a branch, lowest first; none when they are too many. */
function missingOf(end: BlockNode): BlockNode[] {
  const missing: BlockNode[] = []
  for (let node: BlockNode | undefined = end; node !== undefined && !node.linked; node = node.parent) {
    if (missing.length === rivalBlockLimits.blocks) return []
    missing.unshift(node)
  }
  return missing.filter(({ hasBody }) => !hasBody)
}
