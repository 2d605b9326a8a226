/**
 * Header presynchronisation: follows a chain of headers without keeping it, to learn whether it has enough work to be
 * worth keeping.
 *
 * All headers are checked as they come, but only a window of the last ones and one hash per batch are remembered. When
 * the work suffices, the headers are fetched again, and the remembered hashes hold the peer to what it has shown.
 *
 * Bounded: the window is fixed; the times of headers must grow, by a second for every six of them at least, and not pass
 * the clock, so that a chain of any work has no more headers than that since its start.
 *
 * Source: docs/protocol/sync.md#low-work; the idea is Bitcoin Core's, `headerssync.cpp`
 */
import { equalBytes } from '../bytes/index.ts'
import { type ConsensusParams, checkHeader, type HeaderNode, RuleError } from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import { type BlockHash, type BlockHeader, blockHash, formatHash } from '../primitives/index.ts'
import { type Height, targetFromCompact, type UnixTime, type Work, workFromTarget } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'

/** What a header presync starts from, and how much work it waits for. */
export interface PresyncOptions {
  readonly params: ConsensusParams
  /** The known block that the chain builds on. */
  readonly start: BlockNode
  /** Work that the whole chain must have. */
  readonly requiredWork: Work
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
}

/** Headers that rules look back at: the 2016-block rule looks furthest, and the median time eleven further. */
const WINDOW = 2_016 + 11

/** One run over one chain of one peer. */
export class HeaderPresync {
  readonly #options: PresyncOptions
  /** The last headers, oldest first. */
  #window: PassingNode[] = []
  #first: PassingNode | undefined
  #last: HeaderNode
  #work: Work
  /** Last hash of each batch. */
  readonly #checkpoints: BlockHash[] = []

  constructor(options: PresyncOptions) {
    this.#options = options
    this.#last = options.start
    this.#work = options.start.chainWork
  }

  /** Work of the chain as far as it was shown. */
  get work(): Work {
    return this.#work
  }

  /** Whether the headers seen so far have the work that was asked for. */
  get hasRequiredWork(): boolean {
    return this.#work >= this.#options.requiredWork
  }

  /** Where the next batch has to begin. */
  get last(): BlockHash {
    return this.#last.hash
  }

  /** Hashes that end the batches taken in, in their order: what the headers must show again. */
  get checkpoints(): readonly BlockHash[] {
    return this.#checkpoints
  }

  /**
   * Takes in the next headers, each building on the one before.
   *
   * @throws {RuleError} `header-*`
   */
  accept(headers: readonly BlockHeader[]): void {
    invariant(headers.length > 0, 'A batch has headers.')
    for (const header of headers) this.#pass(header)
    this.#checkpoints.push(this.last)
  }

  #pass(header: BlockHeader): void {
    const { params, clock } = this.#options
    const hash = blockHash(header)
    const parent = this.#last
    if (!equalBytes(header.parent, parent.hash)) {
      throw new RuleError('header-not-connected', { parent: formatHash(header.parent) })
    }
    checkHeader(params, header, hash, parent, clock())
    const target = targetFromCompact(header.bits)
    invariant(target !== undefined, 'A checked header has a valid target.')
    this.#work += workFromTarget(target)
    const node = new PassingNode(hash, header, parent, (height) => this.#ancestor(height))
    this.#first ??= node
    this.#window.push(node)
    this.#last = node
    if (this.#window.length >= 2 * WINDOW) this.#forgetOldest()
  }

  #forgetOldest(): void {
    this.#window = this.#window.slice(-WINDOW)
    this.#window[0]?.detach()
  }

  /** A node of the window, the first one of the run, or one below the start. */
  #ancestor(height: Height): HeaderNode {
    const { start } = this.#options
    if (height <= start.height) return start.ancestor(height)
    if (height === this.#first?.height) return this.#first
    const oldest = this.#window[0] as PassingNode
    const node = this.#window[height - oldest.height]
    invariant(node !== undefined, 'No rule looks further back than the window.')
    return node
  }
}

/** A header in its place, for as long as it is looked back at. */
class PassingNode implements HeaderNode {
  readonly hash: BlockHash
  readonly header: BlockHeader
  readonly height: Height
  readonly #ancestor: (height: Height) => HeaderNode
  #parent: HeaderNode | undefined

  constructor(
    hash: BlockHash,
    header: BlockHeader,
    parent: HeaderNode,
    ancestor: (height: Height) => HeaderNode,
  ) {
    this.hash = hash
    this.header = header
    this.height = parent.height + 1
    this.#parent = parent
    this.#ancestor = ancestor
  }

  get parent(): HeaderNode | undefined {
    return this.#parent
  }

  ancestor(height: Height): HeaderNode {
    return height === this.height ? this : this.#ancestor(height)
  }

  /** Forgets what lies before. */
  detach(): void {
    this.#parent = undefined
  }
}
