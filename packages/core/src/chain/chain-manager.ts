/**
 * The chain manager decides which chain is active: it takes headers and blocks in any order, keeps the tree of headers,
 * and moves to the branch with the most work whose blocks are valid.
 *
 * Calls that change something take effect one after the other. Blocks that follow each other overlap (`connect-pipeline.ts`)
 * where all goes well; whenever something is unusual, what is under way is finished first, and the block is judged by itself.
 * Coins, undo data and tip of a block change with one atomic commit of the store, so that the store never holds two truths;
 * events follow the commit.
 *
 * Source: docs/protocol/consensus.md#chain
 */
import type { Bytes } from '../bytes/index.ts'
import type { ChainSpec, SignatureVerifier } from '../consensus/index.ts'
import { invariant, OperationalError } from '../errors/index.ts'
import {
  type Block,
  type BlockHash,
  type BlockHeader,
  type Coin,
  formatHash,
  type OutPoint,
} from '../primitives/index.ts'
import type { Height, UnixTime, Work } from '../units/index.ts'
import { ActiveChain, storeInconsistent } from './active-chain.ts'
import { BestBranch } from './best-branch.ts'
import { BlockIndex } from './block-index.ts'
import { BlockIntake } from './block-intake.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainEvent, ChainListener } from './chain-events.ts'
import type { BlockOutcome, ChainTip, HeadersOutcome } from './chain-outcomes.ts'
import { ChainState } from './chain-state.ts'
import type { ChainStore } from './chain-store.ts'
import { type GiveWay, neverGiveWay } from './give-way.ts'
import { type AcceptHeadersOptions, HeaderIntake } from './header-intake.ts'
import { createLocator } from './locator.ts'
import { missingBodies } from './missing-bodies.ts'
import { type VerifyOptions, type VerifyReport, verifyChain } from './verify-chain.ts'

/** What a chain manager works with. */
export interface ChainModules {
  readonly store: ChainStore
  readonly verifier: SignatureVerifier
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
  /** Lets others have their turn during long work; nobody gets one unless given. */
  readonly giveWay?: GiveWay
}

/** What an operator may choose. */
export interface ChainOptions {
  /** Header chains with less work are not kept, however good they are otherwise; 0 unless given. */
  readonly minimumWork?: Work
  /** Registered before the chain is opened, which may connect many blocks. */
  readonly listener?: ChainListener
}

/** Blocks below the tip whose bodies and undo data are never pruned. Source: Bitcoin Core, `MIN_BLOCKS_TO_KEEP` */
export const MIN_KEPT_BLOCKS = 288

/** Blocks that one commit prunes. */
const PRUNE_BATCH = 1_000

/** Most headers that are given out or taken in at once. */
export const MAX_HEADERS = 2_000

/** Takes headers and blocks in any order and keeps the active chain: the valid one with the most work. */
export class ChainManager {
  readonly spec: ChainSpec
  readonly #store: ChainStore
  readonly #verifier: SignatureVerifier
  readonly #index: BlockIndex
  readonly #active: ActiveChain
  readonly #state: ChainState
  readonly #branch: BestBranch
  readonly #headers: HeaderIntake
  readonly #blocks: BlockIntake
  readonly #listeners = new Set<ChainListener>()
  /** Tasks that wait or run. */
  #tasks = 0
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(spec: ChainSpec, modules: ChainModules, { minimumWork = 0n }: ChainOptions) {
    const { store, verifier, clock, giveWay = neverGiveWay } = modules
    this.spec = spec
    this.#store = store
    this.#verifier = verifier
    this.#index = new BlockIndex(spec, clock)
    this.#active = new ActiveChain({
      params: spec.consensus,
      ...modules,
      giveWay,
      genesis: this.#index.genesis,
      onConnected: (step) => this.#blocks.onConnected(step),
      onGroupStored: () => this.#branch.onGroupStored(),
      onFailed: () => void this.#serialise(() => this.#blocks.settle()),
    })
    this.#state = new ChainState({
      spec,
      store,
      index: this.#index,
      active: this.#active,
      giveWay,
      emit: (event) => this.#emit(event),
    })
    this.#branch = new BestBranch(this.#state)
    this.#headers = new HeaderIntake(this.#state, minimumWork)
    this.#blocks = new BlockIntake(this.#state, this.#branch)
  }

  /**
   * Opens the chain that a store holds, or begins it with the genesis block. Connects what the store holds beyond the tip. A
   * better branch that leaves the chain where its blocks were pruned is left alone, as it was before.
   *
   * @throws {OperationalError} `store-inconsistent` when the store does not hold a chain of this network
   */
  static async open(
    spec: ChainSpec,
    modules: ChainModules,
    options: ChainOptions = {},
  ): Promise<ChainManager> {
    const manager = new ChainManager(spec, modules, options)
    if (options.listener !== undefined) manager.subscribe(options.listener)
    if (modules.store.readTip() === undefined) await manager.#active.begin()
    manager.#load()
    await manager.#serialise(() => manager.#branch.activateBest().catch(unlessBlocksPruned))
    return manager
  }

  /** The last block of the active chain. */
  get tip(): BlockNode {
    return this.#active.tip
  }

  /** The end of the header chain with the most work that is not known to be invalid. */
  get bestHeader(): BlockNode {
    return this.#index.bestHeader
  }

  /** The first block of the network; height 0. */
  get genesis(): BlockNode {
    return this.#index.genesis
  }

  /** What is known of a block, or `undefined`. */
  find(hash: BlockHash): BlockNode | undefined {
    return this.#index.find(hash)
  }

  /** The block of the active chain at a height, or `undefined` above the tip. */
  at(height: Height): BlockNode | undefined {
    return this.#active.at(height)
  }

  /** Whether a block is part of the active chain. */
  isActive(node: BlockNode): boolean {
    return this.#active.has(node)
  }

  /** The unspent output at an outpoint, after the tip. */
  readCoin(outpoint: OutPoint): Coin | undefined {
    return this.#store.readCoin(outpoint)
  }

  /** The encoded block, or `undefined` when its body is not here. */
  readBody(node: BlockNode): Bytes | undefined {
    return node.hasBody ? this.#store.readBody(node) : undefined
  }

  /** The encoded undo data, or `undefined` when the block was never connected. */
  readUndo(node: BlockNode): Bytes | undefined {
    return this.#store.readUndo(node)
  }

  /** The ends of all known branches; the first is the active one. */
  tips(): ChainTip[] {
    const others = this.#index.leaves(this.tip).filter((node) => node !== this.tip)
    return [this.tip, ...others].map((node) => ({ node, status: this.#tipStatus(node) }))
  }

  #tipStatus(node: BlockNode): ChainTip['status'] {
    if (this.isActive(node)) return 'active'
    if (node.failed) return 'invalid'
    if (node.validity === 'connected') return 'valid-fork'
    return node.hasBody ? 'valid-headers' : 'headers-only'
  }

  /** The locator of the best header chain. */
  locator(): BlockHash[] {
    return createLocator(this.bestHeader)
  }

  /**
   * Headers of the active chain after the first hash of `locator` that it has, up to `stop` or `limit` of them.
   *
   * @param limit - at most {@link MAX_HEADERS}
   */
  headersAfter(locator: readonly BlockHash[], stop?: BlockHash, limit: number = MAX_HEADERS): BlockHeader[] {
    const known = locator
      .map((hash) => this.find(hash))
      .find((node) => node !== undefined && this.isActive(node))
    const start = (known?.height ?? 0) + 1
    const end = stop === undefined ? undefined : this.find(stop)
    const last = end !== undefined && this.isActive(end) ? end.height : this.tip.height
    const count = Math.min(limit, MAX_HEADERS)
    return this.#active.slice(start, Math.min(last + 1, start + count)).map(({ header }) => header)
  }

  /**
   * Nodes of the best header chain, lowest first, whose bodies are still missing; at most `limit`. None where that chain
   * cannot be followed, because it leaves the active one where blocks were pruned.
   */
  missingBodies(limit: number): BlockNode[] {
    return missingBodies(this.#active, this.bestHeader, limit)
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: ChainListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Takes in headers, each building on the one before.
   *
   * Headers whose chain has less work than {@link requiredWork} are not kept, unless they are of a chain that
   * `HeaderPresync` has found to have enough.
   *
   * @param headers - at most {@link MAX_HEADERS}
   */
  acceptHeaders(
    headers: readonly BlockHeader[],
    options: AcceptHeadersOptions = {},
  ): Promise<HeadersOutcome> {
    invariant(headers.length > 0 && headers.length <= MAX_HEADERS, 'Headers come in bounded batches.')
    return this.#serialise(async () => {
      // What they build on has to be in the store before they are.
      if (this.#blocks.followBlocksUnderWay(headers)) await this.#blocks.settle()
      return this.#headers.accept(headers, options)
    })
  }

  /**
   * Takes in a block with its body. The outcome comes when it is durable.
   *
   * Blocks are worked on while others are on their way to the store: whoever has many hands in several, lowest first,
   * without waiting for each.
   *
   * A block whose header is new is not held to {@link requiredWork}: the caller asked for it, or trusts where it is from.
   */
  async acceptBlock(block: Block): Promise<BlockOutcome> {
    const { outcome } = await this.#serialise(() => this.#blocks.takeIn(block))
    return outcome
  }

  /**
   * Treats a block as invalid by the operator's word: the best branch without it becomes active.
   *
   * @param node - not the genesis block
   * @throws {OperationalError} `blocks-pruned` when the chain cannot be taken back that far
   */
  invalidate(node: BlockNode): Promise<void> {
    invariant(node.parent !== undefined, 'The genesis block is valid by definition.')
    return this.#exclusively(async () => {
      if (this.isActive(node)) this.#active.expectBodies(node.parent as BlockNode)
      while (this.isActive(node)) await this.#branch.disconnectTip()
      await this.#state.fail(node)
      await this.#branch.activateBest(undefined, true)
    })
  }

  /** Forgets that a block, those before it and those that build on it are invalid, and judges them anew. */
  reconsider(node: BlockNode): Promise<void> {
    return this.#exclusively(async () => {
      const changed = this.#index.forgive(node, this.tip)
      if (changed.length > 0) await this.#store.commit({ records: changed.map((other) => other.toRecord()) })
      await this.#branch.activateBest()
    })
  }

  /** Makes a branch active that has as much work as the active one, as if it had come first. Holds until a restart. */
  prefer(node: BlockNode): Promise<void> {
    return this.#exclusively(async () => {
      if (!node.linked || node.failed || node.chainWork < this.tip.chainWork || this.isActive(node)) return
      await this.#branch.moveTo(node)
      await this.#branch.activateBest(undefined, true)
    })
  }

  /**
   * Takes the bodies and undo data of old blocks of the active chain out of the store, lowest first; returns how many.
   *
   * The last {@link MIN_KEPT_BLOCKS} stay, so that the chain can be reorganised.
   *
   * @param height - the highest block that may go
   */
  prune(height: Height): Promise<number> {
    return this.#exclusively(async () => {
      const end = Math.min(height, this.tip.height - MIN_KEPT_BLOCKS)
      const pruned = this.#active.slice(1, end + 1).filter(({ hasBody }) => hasBody)
      for (let start = 0; start < pruned.length; start += PRUNE_BATCH) {
        const batch = pruned.slice(start, start + PRUNE_BATCH)
        const records = batch.map((node) => ({ ...node.toRecord(), hasBody: false }))
        await this.#store.commit({ records, pruned: batch })
        for (const node of batch) node.hasBody = false
      }
      return pruned.length
    })
  }

  /** Verifies what the store holds of the active chain; nothing is taken in meanwhile. */
  verify(options: VerifyOptions): Promise<VerifyReport> {
    return this.#exclusively(async () => {
      const nodes = this.#active.slice(0, this.tip.height + 1)
      const { giveWay } = this.#state
      const modules = {
        params: this.spec.consensus,
        store: this.#store,
        verifier: this.#verifier,
        giveWay,
        nodes,
      }
      return verifyChain(modules, options)
    })
  }

  /** Waits until everything that was handed in is done. */
  settled(): Promise<void> {
    return this.#serialise(() => this.#blocks.settle())
  }

  /**
   * The work that a header chain must have to be kept: the configured minimum, and nearly that of the active chain, so that
   * cheap headers from the time of low difficulty cannot fill the memory.
   */
  get requiredWork(): Work {
    return this.#headers.requiredWork
  }

  /** Runs a task when nothing is on its way to the store. */
  #exclusively<Result>(task: () => Promise<Result>): Promise<Result> {
    return this.#serialise(async () => {
      await this.#blocks.settle()
      return task()
    })
  }

  /** Runs tasks one after the other. When none waits any more, what they connected is made durable. */
  #serialise<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#tasks += 1
    const result = this.#queue.then(task)
    const end = (): void => {
      this.#tasks -= 1
      if (this.#tasks === 0 || this.#active.isFull) this.#active.flush()
    }
    this.#queue = result.then(end, end)
    return result
  }

  /** A listener that throws is a bug, which must not become one of the chain: it is reported as a rejection. */
  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        void Promise.reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  #load(): void {
    for (const record of this.#store.readRecords()) this.#index.load(record)
    const hash = this.#store.readTip() as BlockHash
    const tip = this.find(hash)
    if (tip === undefined) throw storeInconsistent(`its tip ${formatHash(hash)} is not among its blocks`)
    this.#active.load(tip)
    this.#index.preferTip(tip)
  }
}

function unlessBlocksPruned(error: unknown): undefined {
  if (!(error instanceof OperationalError) || error.code !== 'blocks-pruned') throw error
}
