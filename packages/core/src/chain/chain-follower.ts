/**
 * Following the active chain from a remembered place: every connect and every disconnect exactly once, in order, also
 * over restarts.
 *
 * The place is the hash of the last block that the follower has dealt with. A follower that stores this cursor together
 * with what it makes of a step gets each step once: after a restart it is first taken back to the branch that is active
 * now, then forward to the tip, then onwards as the chain moves. Nothing is queued: steps are read from the store when
 * they are asked for, so a slow follower costs no memory.
 *
 * Source: docs/protocol/sync.md#following
 */
import { invariant, OperationalError } from '../errors/index.ts'
import { type Block, type BlockHash, decodeBlock, formatHash } from '../primitives/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainManager } from './chain-manager.ts'
import { type BlockUndo, decodeUndo } from './undo.ts'

/** One change of the active chain. */
export interface FollowedStep {
  readonly type: 'connect' | 'disconnect'
  readonly node: BlockNode
  readonly block: Block
  /** The coins that the block spent. */
  readonly undo: BlockUndo
  /** Where the follower stands when it has dealt with this step: to be remembered. */
  readonly cursor: BlockHash
}

/** An endless iteration over the steps of a chain; `return` ends it, also while a step is waited for. */
export class ChainFollower implements AsyncIterableIterator<FollowedStep> {
  readonly #chain: ChainManager
  readonly #unsubscribe: () => void
  #position: BlockNode
  readonly #waiting: (() => void)[] = []
  #ended = false

  /**
   * @param cursor - of the last step dealt with; `undefined` begins after the genesis block
   * @throws {OperationalError} `cursor-unknown` when the block is not known: the follower has to begin anew
   */
  constructor(chain: ChainManager, cursor?: BlockHash) {
    const position = cursor === undefined ? chain.genesis : chain.find(cursor)
    if (position === undefined || position.validity === 'header') throw unknownCursor(cursor)
    this.#chain = chain
    this.#position = position
    this.#unsubscribe = chain.subscribe(() => this.#signal())
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** @throws {OperationalError} `block-missing` when a block on the way is not stored any more */
  async next(): Promise<IteratorResult<FollowedStep, undefined>> {
    while (!this.#ended && this.#position === this.#chain.tip) await this.#change()
    return this.#ended ? END : { done: false, value: this.#step() }
  }

  return(): Promise<IteratorResult<FollowedStep, undefined>> {
    this.#ended = true
    this.#unsubscribe()
    this.#signal()
    return Promise.resolve(END)
  }

  #step(): FollowedStep {
    const position = this.#position
    if (this.#chain.isActive(position)) {
      const node = this.#chain.at(position.height + 1)
      invariant(node !== undefined, 'An active block below the tip has a successor.')
      const step = { type: 'connect', ...this.#read(node), cursor: node.hash } as const
      this.#position = node
      return step
    }
    invariant(position.parent !== undefined, 'The genesis block is always active.')
    const step = { type: 'disconnect', ...this.#read(position), cursor: position.parent.hash } as const
    this.#position = position.parent
    return step
  }

  #read(node: BlockNode): Pick<FollowedStep, 'node' | 'block' | 'undo'> {
    const body = this.#chain.readBody(node)
    const undo = this.#chain.readUndo(node)
    if (body === undefined || undo === undefined) {
      const hash = formatHash(node.hash)
      throw new OperationalError('block-missing', `The block ${hash} is not stored any more.`, { hash })
    }
    return { node, block: decodeBlock(body), undo: decodeUndo(undo) }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  #signal(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

const END = { done: true, value: undefined } as const

function unknownCursor(cursor: BlockHash | undefined): OperationalError {
  const hash = cursor === undefined ? 'of the genesis block' : formatHash(cursor)
  return new OperationalError('cursor-unknown', `The block ${hash} was never part of this chain.`, { hash })
}
