/**
 * Taking in blocks with their bodies.
 *
 * A valid block that follows the one before it is connected at once, while others are on their way to the store. Anything
 * else waits until nothing is, and is judged by itself: so blocks fare as if they had come one by one.
 *
 * Source: docs/protocol/consensus.md#chain; docs/protocol/storage.md#groups
 */
import { equalBytes } from '../bytes/index.ts'
import { checkBlock, checkBlockContext, RuleError } from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import { type Block, type BlockHash, type BlockHeader, blockHash, encodeBlock } from '../primitives/index.ts'
import { type BestBranch, tryConnect } from './best-branch.ts'
import type { BlockNode } from './block-tree.ts'
import type { BlockOutcome } from './chain-outcomes.ts'
import type { ChainState } from './chain-state.ts'
import type { ChainStep } from './connect-pipeline.ts'

/** A block that was connected and is on its way to the store, and who waits for it. */
interface HandedIn {
  readonly block: Block
  /** Whether its header came with it, and is not in the store. */
  readonly isNew: boolean
  readonly resolve: (outcome: BlockOutcome) => void
  readonly reject: (error: unknown) => void
}

/** A block that is on its way to the store, with what will have become of it. */
interface HandedOver {
  readonly outcome: Promise<BlockOutcome>
}

/** Takes in blocks, one call at a time. */
export class BlockIntake {
  readonly #state: ChainState
  readonly #branch: BestBranch
  /** Bounded by the pipeline. */
  readonly #handedIn = new Map<BlockNode, HandedIn>()

  constructor(state: ChainState, branch: BestBranch) {
    this.#state = state
    this.#branch = branch
  }

  /** Whether one of these headers is new and builds on a block that is on its way to the store. */
  followBlocksUnderWay(headers: readonly BlockHeader[]): boolean {
    if (this.#handedIn.size === 0) return false
    return headers.some((header) => {
      const parent = this.#state.index.find(header.parent)
      const isUnderWay = parent !== undefined && this.#handedIn.has(parent)
      return isUnderWay && this.#state.index.find(blockHash(header)) === undefined
    })
  }

  /** Connects a block at once if it is a valid next one; any other is judged when nothing is under way any more. */
  async takeIn(block: Block): Promise<{ readonly outcome: BlockOutcome | Promise<BlockOutcome> }> {
    await this.#state.giveWay()
    await this.#state.active.hasRoom()
    const connected = await this.#connectNext(block)
    if (connected !== undefined) return connected
    await this.settle()
    return { outcome: await this.#acceptBlock(block) }
  }

  /** Connects a valid block that follows the one that was connected last; `undefined` is no judgement. */
  async #connectNext(block: Block): Promise<HandedOver | undefined> {
    const { active, giveWay, spec } = this.#state
    const { head } = active
    if (active.hasFailed || !equalBytes(block.header.parent, head.hash)) return undefined
    const hash = blockHash(block.header)
    const known = this.#state.index.find(hash)
    if (known !== undefined && (isJudged(known) || known.children.some(({ hasBody }) => hasBody)))
      return undefined
    try {
      checkBlock(block)
      await giveWay()
      checkBlockContext(spec.consensus, block, head)
      await giveWay()
      return active.hasFailed ? undefined : await this.#connectHeader(block, hash)
    } catch (error) {
      if (error instanceof RuleError) return undefined
      throw error
    }
  }

  /**
   * `undefined` when a block before it was given up meanwhile.
   *
   * @throws {RuleError} when header or block break a rule; nothing was changed then
   */
  async #connectHeader(block: Block, hash: BlockHash): Promise<HandedOver | undefined> {
    const { node, isNew } = this.#state.addHeader(block.header, hash)
    this.#state.emit({ type: 'block-checked', node, block })
    // Nobody shall look for its body while it is connected.
    node.hasBody = true
    let isConnected = false
    try {
      isConnected = await this.#state.active.connect(node, block)
      return isConnected ? this.#whenStored(node, block, isNew) : undefined
    } finally {
      if (!isConnected) this.#withdraw(node, isNew)
    }
  }

  #whenStored(node: BlockNode, block: Block, isNew: boolean): HandedOver {
    node.transactionCount = block.transactions.length
    const { promise, resolve, reject } = Promise.withResolvers<BlockOutcome>()
    this.#handedIn.set(node, { block, isNew, resolve, reject })
    return { outcome: promise }
  }

  /** As if the body had never come, nor the header where that is to be forgotten. */
  #withdraw(node: BlockNode, isForgotten: boolean): void {
    node.hasBody = false
    this.#state.index.unlink(node)
    if (isForgotten) this.#state.forget(node)
  }

  /** A block has become part of the active chain. */
  onConnected(step: ChainStep): void {
    const { node } = step
    if (!node.linked) this.#state.index.link(node)
    this.#state.index.preferTip(node)
    this.#state.emit({ type: 'block-connected', ...step })
    this.#handedIn.get(node)?.resolve({ status: 'connected', node })
    this.#handedIn.delete(node)
  }

  /** Waits until nothing is on its way to the store. Blocks after one that failed are judged by themselves. */
  async settle(): Promise<void> {
    let failure = await this.#state.active.settle()
    for (; failure !== undefined; failure = await this.#state.active.settle()) {
      const { node, error, withdrawn } = failure
      // The highest first: nothing builds on it.
      const [failed, ...others] = [node, ...withdrawn]
        .reverse()
        .map((each) => this.#takeBack(each, each === node))
        .reverse()
      await conclude(failed as HandedIn, () => this.#refuseNext(node, error))
      for (const other of others) await conclude(other, () => this.#acceptBlock(other.block))
    }
  }

  /** As if the block had never come. @param isKept - whether its header stays known all the same */
  #takeBack(node: BlockNode, isKept: boolean): HandedIn {
    const handedIn = this.#handedIn.get(node)
    invariant(handedIn !== undefined, 'Somebody waits for each block that was handed in.')
    this.#handedIn.delete(node)
    this.#withdraw(node, handedIn.isNew && !isKept)
    return handedIn
  }

  async #acceptBlock(block: Block): Promise<BlockOutcome> {
    const hash = blockHash(block.header)
    const existing = this.#state.index.find(hash)
    if (
      existing !== undefined &&
      !existing.failed &&
      (existing.hasBody || existing.validity === 'connected')
    ) {
      return { status: 'duplicate', node: existing }
    }
    const { parent } = block.header
    if (existing === undefined && this.#state.index.find(parent) === undefined)
      return { status: 'missing-parent', parent }
    try {
      return await this.#acceptBody(block, hash)
    } catch (error) {
      if (error instanceof RuleError) return { status: 'invalid', error, hash }
      throw error
    }
  }

  /** @throws {RuleError} when the block breaks a rule that needs no coins */
  async #acceptBody(block: Block, hash: BlockHash): Promise<BlockOutcome> {
    const { node, isNew } = this.#state.addHeader(block.header, hash)
    try {
      checkBlock(block)
      checkBlockContext(this.#state.spec.consensus, block, node.parent as BlockNode)
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      if (error.rule.blame === 'peer') await this.#state.refuse(node, error)
      else if (isNew) await this.#state.store.commit({ records: [node.toRecord()] })
      throw error
    }
    node.hasBody = true
    node.transactionCount = block.transactions.length
    return node.parent === this.#state.tip
      ? await this.#extendTip(node, block)
      : await this.#keep(node, block)
  }

  /** The block follows the tip, and nothing else is under way: body, undo data, coins and tip are one commit. */
  async #extendTip(node: BlockNode, block: Block): Promise<BlockOutcome> {
    const { active } = this.#state
    const failure = (await tryConnect(active, node, block)) ?? (await active.settle())
    if (failure !== undefined) return await this.#refuseNext(node, failure.error)
    await this.#branch.activateBest()
    return { status: 'connected', node }
  }

  /** What becomes of a block that follows the tip and could not be connected. @throws `error`, unless it is of a rule */
  async #refuseNext(node: BlockNode, error: unknown): Promise<BlockOutcome> {
    node.hasBody = false
    if (error instanceof RuleError) {
      await this.#state.refuse(node, error)
      return { status: 'invalid', error, hash: node.hash }
    }
    await this.#state.store.commit({ records: [node.toRecord()] })
    throw error
  }

  async #keep(node: BlockNode, block: Block): Promise<BlockOutcome> {
    const bodies = [{ block: node, bytes: encodeBlock(block) }]
    await this.#state.store.commit({ records: [node.toRecord()], bodies })
    if (!this.#state.index.link(node)) return { status: 'waiting', node }
    const error = await this.#branch.activateBest(node)
    if (error !== undefined) return { status: 'invalid', error, hash: node.hash }
    return { status: this.#state.active.has(node) ? 'connected' : 'side-chain', node }
  }
}

/** Whether nothing new can be learned of a block from its body. */
function isJudged(node: BlockNode): boolean {
  return node.failed || node.hasBody || node.validity === 'connected'
}

async function conclude(handedIn: HandedIn, judge: () => Promise<BlockOutcome>): Promise<void> {
  try {
    handedIn.resolve(await judge())
  } catch (error) {
    handedIn.reject(error)
  }
}
