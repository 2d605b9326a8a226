/**
 * Moving the active chain to the best branch: back to where the branches part, and forward over stored blocks.
 *
 * Source: docs/protocol/consensus.md#chain
 */
import { RuleError } from '../consensus/index.ts'
import type { Block } from '../primitives/index.ts'
import type { ActiveChain } from './active-chain.ts'
import { type BlockNode, forkPoint } from './block-tree.ts'
import type { ChainState } from './chain-state.ts'

/** Why a block could not be connected; a `RuleError` when it is invalid. */
export interface ConnectFailure {
  readonly node: BlockNode
  readonly error: unknown
}

/** Moves a chain from branch to branch. Nothing may be on its way to the store when a move begins. */
export class BestBranch {
  readonly #state: ChainState
  /** Whether the chain is moving to another branch: its tip is told at the end. */
  #isMoving = false

  constructor(state: ChainState) {
    this.#state = state
  }

  /** Blocks became durable. */
  onGroupStored(): void {
    if (!this.#isMoving) this.#state.emit({ type: 'tip-changed', tip: this.#state.tip })
  }

  /**
   * Moves to the branch with the most work. A branch that turns out invalid is given up, and the best of the others is
   * taken; of equals it is the one that was active at the start.
   *
   * @param watched - returns the error of the first invalid block on the way to this node
   * @param hasMoved - whether the tip has changed before already
   */
  async activateBest(watched?: BlockNode, hasMoved = false): Promise<RuleError | undefined> {
    const start = this.#state.tip
    let failure: RuleError | undefined
    let moved = hasMoved
    for (;;) {
      const best = this.#state.index.bestBranch(start)
      if (best === this.#state.tip) break
      moved = true
      const invalid = await this.moveTo(best)
      if (invalid === undefined) continue
      const { node, error } = invalid
      if (watched !== undefined && node.height <= watched.height && watched.ancestor(node.height) === node) {
        failure = error
      }
    }
    if (moved) this.#state.emit({ type: 'tip-changed', tip: this.#state.tip })
    return failure
  }

  /** Disconnects back to the fork point and connects up to `target`; stops at a block that is invalid. */
  async moveTo(target: BlockNode): Promise<{ node: BlockNode; error: RuleError } | undefined> {
    this.#isMoving = true
    try {
      const fork = forkPoint(this.#state.tip, target)
      this.#state.active.expectBodies(fork)
      while (this.#state.tip !== fork) await this.disconnectTip()
      const failure = await this.#connectUpTo(target)
      if (failure === undefined) return undefined
      const { node, error } = failure
      if (!(error instanceof RuleError)) throw error
      await this.#state.refuse(node, error)
      return { node, error }
    } finally {
      this.#isMoving = false
    }
  }

  /** Connects stored blocks from the tip up to `target`; returns the lowest one that could not be connected. */
  async #connectUpTo(target: BlockNode): Promise<ConnectFailure | undefined> {
    const start = this.#state.tip.height + 1
    let failure: ConnectFailure | undefined
    for (let height = start; height <= target.height && failure === undefined; height++) {
      await this.#state.active.hasRoom()
      if (this.#state.active.hasFailed) break
      failure = await tryConnect(this.#state.active, target.ancestor(height))
    }
    return (await this.#state.active.settle()) ?? failure
  }

  /** Disconnects the last block of the active chain. */
  async disconnectTip(): Promise<void> {
    const step = await this.#state.active.disconnect()
    this.#state.emit({ type: 'block-disconnected', ...step })
  }
}

/**
 * Connects the next block; tells which rule it breaks, if any. When a block before it was given up meanwhile, the active chain
 * tells that.
 */
export async function tryConnect(
  active: ActiveChain,
  node: BlockNode,
  newBody?: Block,
): Promise<ConnectFailure | undefined> {
  try {
    await active.connect(node, newBody)
    return undefined
  } catch (error) {
    if (error instanceof RuleError) return { node, error }
    throw error
  }
}
