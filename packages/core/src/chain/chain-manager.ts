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
import { type Bytes, equalBytes } from '../bytes/index.ts'
import {
  type ChainSpec,
  checkBlock,
  checkBlockContext,
  RuleError,
  type SignatureVerifier,
} from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import {
  type Block,
  type BlockHash,
  type BlockHeader,
  blockHash,
  type Coin,
  encodeBlock,
  formatHash,
  type OutPoint,
} from '../primitives/index.ts'
import { type Height, targetFromCompact, type UnixTime, type Work, workFromTarget } from '../units/index.ts'
import { ActiveChain, storeInconsistent } from './active-chain.ts'
import { BlockIndex } from './block-index.ts'
import { type BlockNode, forkPoint } from './block-tree.ts'
import type { ChainEvent, ChainListener } from './chain-events.ts'
import type { ChainStore } from './chain-store.ts'
import type { ChainStep } from './connect-pipeline.ts'
import { createLocator } from './locator.ts'
import { type VerifyOptions, type VerifyReport, verifyChain } from './verify-chain.ts'

/** The end of a branch, as `getchaintips` names them. */
export interface ChainTip {
  readonly node: BlockNode
  readonly status: 'active' | 'valid-fork' | 'valid-headers' | 'headers-only' | 'invalid'
}

/** What became of headers that were handed in. */
export type HeadersOutcome =
  /** All follow the rules. `last` is the node of the last one, `added` how many were new. */
  | { readonly status: 'accepted'; readonly last: BlockNode; readonly added: number }
  /** The first header builds on a block that is not known. */
  | { readonly status: 'missing-parent'; readonly parent: BlockHash }
  /** The chain that they claim has too little work to be kept; `start` is the known block that they build on. */
  | {
      readonly status: 'low-work'
      readonly work: Work
      readonly required: Work
      readonly start: BlockNode
    }
  /** A header breaks a rule; those before it were kept. */
  | { readonly status: 'invalid'; readonly error: RuleError; readonly hash: BlockHash }

/** What became of a block that was handed in. */
export type BlockOutcome =
  /** It is part of the active chain now. */
  | { readonly status: 'connected'; readonly node: BlockNode }
  /** It is kept; the active chain has at least as much work. */
  | { readonly status: 'side-chain'; readonly node: BlockNode }
  /** It is kept until the bodies before it arrive. */
  | { readonly status: 'waiting'; readonly node: BlockNode }
  /** It was known before. */
  | { readonly status: 'duplicate'; readonly node: BlockNode }
  /** It builds on a block that is not known. */
  | { readonly status: 'missing-parent'; readonly parent: BlockHash }
  /** It breaks a rule. */
  | { readonly status: 'invalid'; readonly error: RuleError; readonly hash: BlockHash }

/** What a chain manager works with. */
export interface ChainModules {
  readonly store: ChainStore
  readonly verifier: SignatureVerifier
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
}

/** What an operator may choose. */
export interface ChainOptions {
  /** Header chains with less work are not kept, however good they are otherwise; 0 unless given. */
  readonly minimumWork?: Work
}

/** A block that was connected and is on its way to the store, and who waits for it. */
interface HandedIn {
  readonly block: Block
  readonly resolve: (outcome: BlockOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Why a block could not be connected; a `RuleError` when it is invalid. */
interface ConnectFailure {
  readonly node: BlockNode
  readonly error: unknown
}

/** What the caller of {@link ChainManager.acceptHeaders} knows of the headers. */
export interface AcceptHeadersOptions {
  /** They belong to a chain that is known to have {@link ChainManager.requiredWork}. */
  readonly hasRequiredWork?: boolean
}

/** Blocks at today's difficulty by which a header chain may be behind the active one and is kept all the same. */
const REORGANISATION_ALLOWANCE = 144

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
  readonly #listeners = new Set<ChainListener>()
  readonly #minimumWork: Work
  /** Tasks that wait or run. */
  #tasks = 0
  #queue: Promise<unknown> = Promise.resolve()
  /** Bounded by the pipeline. */
  readonly #handedIn = new Map<BlockNode, HandedIn>()
  /** Whether the chain is moving to another branch: its tip is told at the end. */
  #isMoving = false

  private constructor(spec: ChainSpec, modules: ChainModules, options: ChainOptions) {
    const { store, verifier, clock } = modules
    this.spec = spec
    this.#store = store
    this.#verifier = verifier
    this.#index = new BlockIndex(spec, clock)
    const onConnected = (step: ChainStep): void => this.#onConnected(step)
    const onGroupStored = (): void => {
      if (!this.#isMoving) this.#emit({ type: 'tip-changed', tip: this.tip })
    }
    const onFailed = (): void => void this.#serialise(() => this.#settle())
    const active = { params: spec.consensus, store, verifier, clock, onConnected, onGroupStored, onFailed }
    this.#active = new ActiveChain(active, this.#index.genesis)
    this.#minimumWork = options.minimumWork ?? 0n
  }

  /**
   * Opens the chain that a store holds, or begins it with the genesis block.
   *
   * @throws {OperationalError} `store-inconsistent` when the store does not hold a chain of this network
   */
  static async open(
    spec: ChainSpec,
    modules: ChainModules,
    options: ChainOptions = {},
  ): Promise<ChainManager> {
    const manager = new ChainManager(spec, modules, options)
    if (modules.store.readTip() === undefined) await manager.#begin()
    else manager.#load()
    await manager.#serialise(() => manager.#activateBest())
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

  /** Nodes of the best header chain, lowest first, whose bodies are still missing; at most `limit`. */
  missingBodies(limit: number): BlockNode[] {
    const missing: BlockNode[] = []
    const { bestHeader, tip } = this
    let height = forkPoint(bestHeader, tip).height + 1
    for (; height <= bestHeader.height && missing.length < limit; height++) {
      const node = bestHeader.ancestor(height)
      if (!node.hasBody) missing.push(node)
    }
    return missing
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
    return this.#serialise(() => this.#acceptHeaders(headers, options))
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
    const { outcome } = await this.#serialise(() => this.#takeIn(block))
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
    return this.#serialise(async () => {
      await this.#settle()
      if (this.isActive(node)) this.#active.expectBodies(node.parent as BlockNode)
      while (this.isActive(node)) await this.#disconnectTip()
      await this.#fail(node)
      await this.#activateBest(undefined, true)
    })
  }

  /** Forgets that a block, those before it and those that build on it are invalid, and judges them anew. */
  reconsider(node: BlockNode): Promise<void> {
    return this.#serialise(async () => {
      await this.#settle()
      const changed = this.#index.forgive(node, this.tip)
      if (changed.length > 0) await this.#store.commit({ records: changed.map((other) => other.toRecord()) })
      await this.#activateBest()
    })
  }

  /** Makes a branch active that has as much work as the active one, as if it had come first. Holds until a restart. */
  prefer(node: BlockNode): Promise<void> {
    return this.#serialise(async () => {
      await this.#settle()
      if (!node.linked || node.failed || node.chainWork < this.tip.chainWork || this.isActive(node)) return
      await this.#moveTo(node)
      await this.#activateBest(undefined, true)
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
    return this.#serialise(async () => {
      await this.#settle()
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
    return this.#serialise(async () => {
      await this.#settle()
      const nodes = this.#active.slice(0, this.tip.height + 1)
      const modules = { params: this.spec.consensus, store: this.#store, verifier: this.#verifier, nodes }
      return verifyChain(modules, options)
    })
  }

  /** Waits until everything that was handed in is done. */
  async settled(): Promise<void> {
    await this.#serialise(() => this.#settle())
  }

  /**
   * The work that a header chain must have to be kept: the configured minimum, and nearly that of the active chain, so that
   * cheap headers from the time of low difficulty cannot fill the memory.
   */
  get requiredWork(): Work {
    const target = targetFromCompact(this.tip.header.bits)
    invariant(target !== undefined, 'Headers in the tree have valid targets.')
    const nearTip = this.tip.chainWork - BigInt(REORGANISATION_ALLOWANCE) * workFromTarget(target)
    return nearTip > this.#minimumWork ? nearTip : this.#minimumWork
  }

  /** Runs tasks one after the other. When none waits any more, what they connected is made durable. */
  #serialise<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#tasks += 1
    const result = this.#queue.then(task)
    const end = (): void => {
      this.#tasks -= 1
      if (this.#tasks === 0) this.#active.flush()
    }
    this.#queue = result.then(end, end)
    return result
  }

  async #begin(): Promise<void> {
    await this.#active.begin()
    this.#index.link(this.genesis)
  }

  #load(): void {
    for (const record of this.#store.readRecords()) this.#index.load(record)
    const hash = this.#store.readTip() as BlockHash
    const tip = this.find(hash)
    if (tip === undefined) throw storeInconsistent(`its tip ${formatHash(hash)} is not among its blocks`)
    this.#active.load(tip)
    this.#index.preferTip(tip)
  }

  async #acceptHeaders(
    headers: readonly BlockHeader[],
    { hasRequiredWork = false }: AcceptHeadersOptions,
  ): Promise<HeadersOutcome> {
    const first = headers[0] as BlockHeader
    const known = this.find(first.parent) ?? this.find(blockHash(first))
    if (known === undefined) return { status: 'missing-parent', parent: first.parent }
    const claimed = claimedWork(known, headers)
    if (!hasRequiredWork && claimed < this.requiredWork && headers.some((header) => !this.#isKnown(header))) {
      return { status: 'low-work', work: claimed, required: this.requiredWork, start: known }
    }
    const before = this.bestHeader
    const { added, last, failure } = this.#addHeaders(headers, known)
    if (added.length > 0) await this.#store.commit({ records: added.map((node) => node.toRecord()) })
    if (this.bestHeader !== before) this.#emit({ type: 'best-header-changed', header: this.bestHeader })
    return failure ?? { status: 'accepted', last, added: added.length }
  }

  #isKnown(header: BlockHeader): boolean {
    return this.find(blockHash(header)) !== undefined
  }

  #addHeaders(
    headers: readonly BlockHeader[],
    known: BlockNode,
  ): { readonly added: BlockNode[]; readonly last: BlockNode; readonly failure?: HeadersOutcome } {
    const added: BlockNode[] = []
    let last = known
    for (const header of headers) {
      const hash = blockHash(header)
      try {
        const { node, isNew } = this.#index.addHeader(header, hash)
        if (isNew) added.push(node)
        last = node
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        return { added, last, failure: { status: 'invalid', error, hash } }
      }
    }
    return { added, last }
  }

  /** Connects a block at once if it is a valid next one; any other is judged when nothing is under way any more. */
  async #takeIn(block: Block): Promise<{ readonly outcome: BlockOutcome | Promise<BlockOutcome> }> {
    await this.#active.hasRoom()
    const connected = this.#connectNext(block)
    if (connected !== undefined) return { outcome: connected }
    await this.#settle()
    return { outcome: await this.#acceptBlock(block) }
  }

  /** Connects a valid block that follows the one that was connected last; `undefined` is no judgement. */
  #connectNext(block: Block): Promise<BlockOutcome> | undefined {
    const { head, hasFailed } = this.#active
    if (hasFailed || !equalBytes(block.header.parent, head.hash)) return undefined
    const hash = blockHash(block.header)
    const known = this.find(hash)
    if (known !== undefined && (isJudged(known) || known.children.some(({ hasBody }) => hasBody)))
      return undefined
    try {
      checkBlock(block)
      checkBlockContext(this.spec.consensus, block, head)
      const { node } = this.#addHeader(block.header, hash)
      this.#active.connect(node, block)
      return this.#whenStored(node, block)
    } catch (error) {
      if (error instanceof RuleError) return undefined
      throw error
    }
  }

  #whenStored(node: BlockNode, block: Block): Promise<BlockOutcome> {
    node.hasBody = true
    node.transactionCount = block.transactions.length
    const { promise, resolve, reject } = Promise.withResolvers<BlockOutcome>()
    this.#handedIn.set(node, { block, resolve, reject })
    return promise
  }

  #onConnected(step: ChainStep): void {
    const { node } = step
    if (!node.linked) this.#index.link(node)
    this.#index.preferTip(node)
    this.#emit({ type: 'block-connected', ...step })
    this.#handedIn.get(node)?.resolve({ status: 'connected', node })
    this.#handedIn.delete(node)
  }

  /** Waits until nothing is on its way to the store. Blocks after one that failed are judged by themselves. */
  async #settle(): Promise<void> {
    let failure = await this.#active.settle()
    for (; failure !== undefined; failure = await this.#active.settle()) {
      const { node, error, withdrawn } = failure
      const [failed, ...others] = [node, ...withdrawn].map((each) => this.#takeBack(each))
      await conclude(failed as HandedIn, () => this.#refuseNext(node, error))
      for (const other of others) await conclude(other, () => this.#acceptBlock(other.block))
    }
  }

  #takeBack(node: BlockNode): HandedIn {
    const handedIn = this.#handedIn.get(node)
    invariant(handedIn !== undefined, 'Somebody waits for each block that was handed in.')
    this.#handedIn.delete(node)
    node.hasBody = false
    return handedIn
  }

  async #acceptBlock(block: Block): Promise<BlockOutcome> {
    const hash = blockHash(block.header)
    const existing = this.find(hash)
    if (
      existing !== undefined &&
      !existing.failed &&
      (existing.hasBody || existing.validity === 'connected')
    ) {
      return { status: 'duplicate', node: existing }
    }
    const { parent } = block.header
    if (existing === undefined && this.find(parent) === undefined) return { status: 'missing-parent', parent }
    try {
      return await this.#acceptBody(block, hash)
    } catch (error) {
      if (error instanceof RuleError) return { status: 'invalid', error, hash }
      throw error
    }
  }

  /** @throws {RuleError} when the block breaks a rule that needs no coins */
  async #acceptBody(block: Block, hash: BlockHash): Promise<BlockOutcome> {
    const { node, isNew } = this.#addHeader(block.header, hash)
    try {
      checkBlock(block)
      checkBlockContext(this.spec.consensus, block, node.parent as BlockNode)
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      if (error.rule.blame === 'peer') await this.#refuse(node, error)
      else if (isNew) await this.#store.commit({ records: [node.toRecord()] })
      throw error
    }
    node.hasBody = true
    node.transactionCount = block.transactions.length
    return node.parent === this.tip ? await this.#extendTip(node, block) : await this.#keep(node, block)
  }

  /** @throws {RuleError} `header-*` */
  #addHeader(header: BlockHeader, hash: BlockHash): { readonly node: BlockNode; readonly isNew: boolean } {
    const before = this.bestHeader
    const added = this.#index.addHeader(header, hash)
    if (this.bestHeader !== before) this.#emit({ type: 'best-header-changed', header: added.node })
    return added
  }

  /** The block follows the tip, and nothing else is under way: body, undo data, coins and tip are one commit. */
  async #extendTip(node: BlockNode, block: Block): Promise<BlockOutcome> {
    const failure = this.#tryConnect(node, block) ?? (await this.#active.settle())
    if (failure !== undefined) return await this.#refuseNext(node, failure.error)
    await this.#activateBest()
    return { status: 'connected', node }
  }

  #tryConnect(node: BlockNode, newBody?: Block): ConnectFailure | undefined {
    try {
      this.#active.connect(node, newBody)
      return undefined
    } catch (error) {
      if (error instanceof RuleError) return { node, error }
      throw error
    }
  }

  /** What becomes of a block that follows the tip and could not be connected. @throws `error`, unless it is of a rule */
  async #refuseNext(node: BlockNode, error: unknown): Promise<BlockOutcome> {
    node.hasBody = false
    if (error instanceof RuleError) {
      await this.#refuse(node, error)
      return { status: 'invalid', error, hash: node.hash }
    }
    await this.#store.commit({ records: [node.toRecord()] })
    throw error
  }

  async #keep(node: BlockNode, block: Block): Promise<BlockOutcome> {
    const bodies = [{ block: node, bytes: encodeBlock(block) }]
    await this.#store.commit({ records: [node.toRecord()], bodies })
    if (!this.#index.link(node)) return { status: 'waiting', node }
    const error = await this.#activateBest(node)
    if (error !== undefined) return { status: 'invalid', error, hash: node.hash }
    return { status: this.isActive(node) ? 'connected' : 'side-chain', node }
  }

  /**
   * Moves to the branch with the most work. A branch that turns out invalid is given up, and the best of the others is
   * taken; of equals it is the one that was active at the start.
   *
   * @param watched - returns the error of the first invalid block on the way to this node
   * @param hasMoved - whether the tip has changed before already
   */
  async #activateBest(watched?: BlockNode, hasMoved = false): Promise<RuleError | undefined> {
    const start = this.tip
    let failure: RuleError | undefined
    let moved = hasMoved
    for (;;) {
      const best = this.#index.bestBranch(start)
      if (best === this.tip) break
      moved = true
      const invalid = await this.#moveTo(best)
      if (invalid === undefined) continue
      const { node, error } = invalid
      if (watched !== undefined && node.height <= watched.height && watched.ancestor(node.height) === node) {
        failure = error
      }
    }
    if (moved) this.#emit({ type: 'tip-changed', tip: this.tip })
    return failure
  }

  /** Disconnects back to the fork point and connects up to `target`; stops at a block that is invalid. */
  async #moveTo(target: BlockNode): Promise<{ node: BlockNode; error: RuleError } | undefined> {
    this.#isMoving = true
    try {
      const fork = forkPoint(this.tip, target)
      this.#active.expectBodies(fork)
      while (this.tip !== fork) await this.#disconnectTip()
      const failure = await this.#connectUpTo(target)
      if (failure === undefined) return undefined
      const { node, error } = failure
      if (!(error instanceof RuleError)) throw error
      await this.#refuse(node, error)
      return { node, error }
    } finally {
      this.#isMoving = false
    }
  }

  /** Connects stored blocks from the tip up to `target`; returns the lowest one that could not be connected. */
  async #connectUpTo(target: BlockNode): Promise<ConnectFailure | undefined> {
    const start = this.tip.height + 1
    let failure: ConnectFailure | undefined
    for (let height = start; height <= target.height && failure === undefined; height++) {
      await this.#active.hasRoom()
      if (this.#active.hasFailed) break
      failure = this.#tryConnect(target.ancestor(height))
    }
    return (await this.#active.settle()) ?? failure
  }

  async #disconnectTip(): Promise<void> {
    const step = await this.#active.disconnect()
    this.#emit({ type: 'block-disconnected', ...step })
  }

  /** A block breaks a rule for good: its body is not needed any more. */
  async #refuse(node: BlockNode, error: RuleError): Promise<void> {
    node.hasBody = false
    await this.#fail(node)
    this.#emit({ type: 'block-invalid', node, error })
  }

  async #fail(node: BlockNode): Promise<void> {
    const before = this.bestHeader
    this.#index.fail(node, this.tip)
    await this.#store.commit({ records: [node.toRecord()] })
    if (this.bestHeader !== before) this.#emit({ type: 'best-header-changed', header: this.bestHeader })
  }

  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) listener(event)
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

/** The work of a chain of headers as its targets claim it; whether the proofs are there is not looked at. */
function claimedWork(start: BlockNode, headers: readonly BlockHeader[]): Work {
  let work = start.chainWork
  for (const { bits } of headers) {
    const target = targetFromCompact(bits)
    if (target !== undefined) work += workFromTarget(target)
  }
  return work
}
