/**
 * Taking in headers: those of chains with enough work are kept.
 *
 * Source: docs/protocol/sync.md#low-work
 */
import { RuleError } from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import { type BlockHeader, blockHash } from '../primitives/index.ts'
import { targetFromCompact, type Work, workFromTarget } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { HeadersOutcome } from './chain-outcomes.ts'
import type { ChainState } from './chain-state.ts'

/** What the caller of {@link HeaderIntake.accept} knows of the headers. */
export interface AcceptHeadersOptions {
  /** They belong to a chain that is known to have {@link ChainManager.requiredWork}. */
  readonly hasRequiredWork?: boolean
}

/** What became of headers that are kept. */
interface AddedHeaders {
  readonly added: BlockNode[]
  readonly last: BlockNode
  /** Why those after `last` are not. */
  readonly failure?: HeadersOutcome
}

/** Blocks at today's difficulty by which a header chain may be behind the active one and is kept all the same. */
const REORGANISATION_ALLOWANCE = 144

/** Takes in headers, one call at a time. */
export class HeaderIntake {
  readonly #state: ChainState
  readonly #minimumWork: Work

  constructor(state: ChainState, minimumWork: Work) {
    this.#state = state
    this.#minimumWork = minimumWork
  }

  /** The least work of header chains that are kept. */
  get requiredWork(): Work {
    const target = targetFromCompact(this.#state.tip.header.bits)
    invariant(target !== undefined, 'Headers in the tree have valid targets.')
    const nearTip = this.#state.tip.chainWork - BigInt(REORGANISATION_ALLOWANCE) * workFromTarget(target)
    return nearTip > this.#minimumWork ? nearTip : this.#minimumWork
  }

  /** Takes in headers, each building on the one before. */
  async accept(
    headers: readonly BlockHeader[],
    { hasRequiredWork = false }: AcceptHeadersOptions,
  ): Promise<HeadersOutcome> {
    const first = headers[0] as BlockHeader
    const known = this.#state.index.find(first.parent) ?? this.#state.index.find(blockHash(first))
    if (known === undefined) return { status: 'missing-parent', parent: first.parent }
    const claimed = claimedWork(known, headers)
    if (!hasRequiredWork && claimed < this.requiredWork && headers.some((header) => !this.#isKnown(header))) {
      return { status: 'low-work', work: claimed, required: this.requiredWork, start: known }
    }
    const before = this.#state.index.bestHeader
    const { added, last, failure } = await this.#addHeaders(headers, known)
    if (added.length > 0) await this.#state.store.commit({ records: added.map((node) => node.toRecord()) })
    if (this.#state.index.bestHeader !== before)
      this.#state.emit({ type: 'best-header-changed', header: this.#state.index.bestHeader })
    return failure ?? { status: 'accepted', last, added: added.length }
  }

  #isKnown(header: BlockHeader): boolean {
    return this.#state.index.find(blockHash(header)) !== undefined
  }

  async #addHeaders(headers: readonly BlockHeader[], known: BlockNode): Promise<AddedHeaders> {
    const added: BlockNode[] = []
    let last = known
    for (const header of headers) {
      const hash = blockHash(header)
      try {
        const { node, isNew } = this.#state.index.addHeader(header, hash)
        if (isNew) added.push(node)
        last = node
        await this.#state.giveWay()
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        return { added, last, failure: { status: 'invalid', error, hash } }
      }
    }
    return { added, last }
  }
}

/** The work of a chain of headers as its targets claim it; whether the proofs are there is not looked at. */
function claimedWork(start: BlockNode, headers: readonly BlockHeader[]): Work {
  let work = start.chainWork
  for (const { bits } of headers) {
    const target = targetFromCompact(bits)
    if (target !== undefined) work += workFromTarget(target)
  }
  return work
}
