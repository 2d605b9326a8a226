/**
 * The chain manager decides which chain is active: it takes headers and blocks in any order, keeps the tree of headers,
 * and moves to the branch with the most work whose blocks are valid.
 *
 * Calls that change something run one after the other. A block is connected with one atomic commit of the store, the
 * tip included, so that the store never holds two truths; events follow the commit.
 *
 * Source: docs/protocol/consensus.md#chain
 */
import { type Bytes, equalBytes } from '../bytes/index.ts'
import {
  type ChainSpec,
  checkBlock,
  checkBlockContext,
  checkHeader,
  RuleError,
  type SignatureVerifier,
} from '../consensus/index.ts'
import { invariant, OperationalError } from '../errors/index.ts'
import {
  type Block,
  type BlockHash,
  type BlockHeader,
  blockHash,
  type Coin,
  decodeBlock,
  encodeBlock,
  formatHash,
  type OutPoint,
  ZERO_HASH,
} from '../primitives/index.ts'
import type { Height, UnixTime } from '../units/index.ts'
import { type BlockNode, BlockTree, forkPoint } from './block-tree.ts'
import { Branches } from './branches.ts'
import type { ChainEvent, ChainListener } from './chain-events.ts'
import type { BlockRecord, ChainStore } from './chain-store.ts'
import { CoinView } from './coin-view.ts'
import { blockFilterHeader, connectBlock, disconnectBlock } from './connect-block.ts'
import { createLocator } from './locator.ts'
import { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'

/** What became of headers that were handed in. */
export type HeadersOutcome =
  /** All follow the rules. `last` is the node of the last one, `added` how many were new. */
  | { readonly status: 'accepted'; readonly last: BlockNode; readonly added: number }
  /** The first header builds on a block that is not known. */
  | { readonly status: 'missing-parent'; readonly parent: BlockHash }
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

/** Most headers that are given out or taken in at once. */
export const MAX_HEADERS = 2_000

export class ChainManager {
  readonly spec: ChainSpec
  readonly #store: ChainStore
  readonly #verifier: SignatureVerifier
  readonly #clock: () => UnixTime
  readonly #tree: BlockTree
  /** The active chain by height. */
  readonly #active: BlockNode[]
  readonly #branches = new Branches()
  readonly #listeners = new Set<ChainListener>()
  #bestHeader: BlockNode
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(spec: ChainSpec, modules: ChainModules) {
    const { header } = spec.consensus.genesis
    this.spec = spec
    this.#store = modules.store
    this.#verifier = modules.verifier
    this.#clock = modules.clock
    this.#tree = new BlockTree(blockHash(header), header)
    this.#active = [this.#tree.genesis]
    this.#bestHeader = this.#tree.genesis
  }

  /**
   * Opens the chain that a store holds, or begins it with the genesis block.
   *
   * @throws {OperationalError} `store-inconsistent` when the store does not hold a chain of this network
   */
  static async open(spec: ChainSpec, modules: ChainModules): Promise<ChainManager> {
    const manager = new ChainManager(spec, modules)
    if (modules.store.readTip() === undefined) await manager.#begin()
    else manager.#load()
    await manager.#serialise(() => manager.#activateBest())
    return manager
  }

  /** The last block of the active chain. */
  get tip(): BlockNode {
    return this.#active[this.#active.length - 1] as BlockNode
  }

  /** The end of the header chain with the most work that is not known to be invalid. */
  get bestHeader(): BlockNode {
    return this.#bestHeader
  }

  get genesis(): BlockNode {
    return this.#tree.genesis
  }

  /** What is known of a block, or `undefined`. */
  find(hash: BlockHash): BlockNode | undefined {
    return this.#tree.get(hash)
  }

  /** The block of the active chain at a height, or `undefined` above the tip. */
  at(height: Height): BlockNode | undefined {
    return this.#active[height]
  }

  /** Whether a block is part of the active chain. */
  isActive(node: BlockNode): boolean {
    return this.#active[node.height] === node
  }

  /** The unspent output at an outpoint, after the tip. */
  readCoin(outpoint: OutPoint): Coin | undefined {
    return this.#store.readCoin(outpoint)
  }

  /** The encoded block, or `undefined` when its body is not here. */
  readBody(node: BlockNode): Bytes | undefined {
    return node.hasBody ? this.#store.readBody(node) : undefined
  }

  /** The locator of the best header chain. */
  locator(): BlockHash[] {
    return createLocator(this.#bestHeader)
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
    const last = end !== undefined && this.isActive(end) ? end.height + 1 : this.#active.length
    const count = Math.min(limit, MAX_HEADERS)
    return this.#active.slice(start, Math.min(last, start + count)).map(({ header }) => header)
  }

  /** Nodes of the best header chain, lowest first, whose bodies are still missing; at most `limit`. */
  missingBodies(limit: number): BlockNode[] {
    const missing: BlockNode[] = []
    const fork = forkPoint(this.#bestHeader, this.tip)
    for (
      let height = fork.height + 1;
      height <= this.#bestHeader.height && missing.length < limit;
      height++
    ) {
      const node = this.#bestHeader.ancestor(height)
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
   * @param headers - at most {@link MAX_HEADERS}
   */
  acceptHeaders(headers: readonly BlockHeader[]): Promise<HeadersOutcome> {
    invariant(headers.length > 0 && headers.length <= MAX_HEADERS, 'Headers come in bounded batches.')
    return this.#serialise(() => this.#acceptHeaders(headers))
  }

  /** Takes in a block with its body. */
  acceptBlock(block: Block): Promise<BlockOutcome> {
    return this.#serialise(() => this.#acceptBlock(block))
  }

  /** Waits until everything that was handed in is done. */
  async settled(): Promise<void> {
    await this.#queue
  }

  // biome-ignore format: one line shows the whole mechanism
  #serialise<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(task)
    this.#queue = result.then(() => undefined, () => undefined)
    return result
  }

  async #begin(): Promise<void> {
    const { genesis } = this.#tree
    const block = this.spec.consensus.genesis
    genesis.validity = 'connected'
    genesis.hasBody = true
    genesis.transactionCount = block.transactions.length
    if (this.spec.consensus.filterCommitment) genesis.filterHeader = blockFilterHeader(block, [], ZERO_HASH)
    this.#branches.link(genesis)
    await this.#store.commit({
      records: [genesis.toRecord()],
      bodies: [{ block: genesis, bytes: encodeBlock(block) }],
      undo: [{ block: genesis, bytes: encodeUndo([]) }],
      heights: [[0, genesis.hash]],
      tip: genesis.hash,
    })
  }

  #load(): void {
    for (const record of this.#store.readRecords()) {
      const node = this.#nodeOf(record)
      node.validity = record.validity
      node.hasBody = record.hasBody
      node.transactionCount = record.transactionCount
      node.filterHeader = record.filterHeader
      node.failed ||= record.validity === 'invalid'
      if (this.#branches.isLinkable(node)) this.#branches.link(node)
      this.#considerBestHeader(node)
    }
    const tipHash = this.#store.readTip() as BlockHash
    const tip = this.#tree.get(tipHash)
    if (tip === undefined) throw inconsistent(`its tip ${formatHash(tipHash)} is not among its blocks`)
    for (let node: BlockNode | undefined = tip; node !== undefined; node = node.parent)
      this.#active[node.height] = node
    this.#preferTip()
  }

  #nodeOf({ hash, header, height }: BlockRecord): BlockNode {
    const { genesis } = this.#tree
    if (height === 0 && equalBytes(hash, genesis.hash)) return genesis
    const parent = this.#tree.get(header.parent)
    if (parent === undefined) throw inconsistent(`the block ${formatHash(hash)} has no parent in it`)
    return this.#tree.add(hash, header, parent)
  }

  async #acceptHeaders(headers: readonly BlockHeader[]): Promise<HeadersOutcome> {
    const first = headers[0] as BlockHeader
    const known = this.#tree.get(first.parent) ?? this.#tree.get(blockHash(first))
    if (known === undefined) return { status: 'missing-parent', parent: first.parent }
    const added: BlockNode[] = []
    const before = this.#bestHeader
    let last = known
    let failure: HeadersOutcome | undefined
    for (const header of headers) {
      const hash = blockHash(header)
      try {
        last = this.#addHeader(header, hash, added)
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        failure = { status: 'invalid', error, hash }
        break
      }
    }
    if (added.length > 0) await this.#store.commit({ records: added.map((node) => node.toRecord()) })
    if (this.#bestHeader !== before) this.#emit({ type: 'best-header-changed', header: this.#bestHeader })
    return failure ?? { status: 'accepted', last, added: added.length }
  }

  /** Finds or checks and adds a header. @throws {RuleError} `header-*` */
  #addHeader(header: BlockHeader, hash: BlockHash, added: BlockNode[]): BlockNode {
    const existing = this.#tree.get(hash)
    const parent = this.#tree.get(header.parent)
    const failed = existing?.failed === true ? existing : parent?.failed === true ? parent : undefined
    if (failed !== undefined)
      throw new RuleError('header-branch-invalid', { invalid: formatHash(failed.hash) })
    if (existing !== undefined) return existing
    if (parent === undefined)
      throw new RuleError('header-not-connected', { parent: formatHash(header.parent) })
    checkHeader(this.spec.consensus, header, hash, parent, this.#clock())
    const node = this.#tree.add(hash, header, parent)
    added.push(node)
    this.#considerBestHeader(node)
    return node
  }

  async #acceptBlock(block: Block): Promise<BlockOutcome> {
    const hash = blockHash(block.header)
    const existing = this.#tree.get(hash)
    if (
      existing !== undefined &&
      !existing.failed &&
      (existing.hasBody || existing.validity === 'connected')
    ) {
      return { status: 'duplicate', node: existing }
    }
    if (this.#tree.get(block.header.parent) === undefined && existing === undefined) {
      return { status: 'missing-parent', parent: block.header.parent }
    }
    try {
      return await this.#acceptBody(block, hash)
    } catch (error) {
      if (error instanceof RuleError) return { status: 'invalid', error, hash }
      throw error
    }
  }

  /** @throws {RuleError} when the block breaks a rule that needs no coins */
  async #acceptBody(block: Block, hash: BlockHash): Promise<BlockOutcome> {
    const before = this.#bestHeader
    const added: BlockNode[] = []
    const node = this.#addHeader(block.header, hash, added)
    if (this.#bestHeader !== before) this.#emit({ type: 'best-header-changed', header: node })
    try {
      checkBlock(block)
      checkBlockContext(this.spec.consensus, block, node.parent as BlockNode)
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      if (error.rule.blame === 'peer') await this.#markInvalid(node, error)
      else if (added.length > 0) await this.#store.commit({ records: [node.toRecord()] })
      throw error
    }
    node.hasBody = true
    node.transactionCount = block.transactions.length
    if (node.parent === this.tip) return this.#extendTip(node, block)
    await this.#store.commit({
      records: [node.toRecord()],
      bodies: [{ block: node, bytes: encodeBlock(block) }],
    })
    if (!this.#branches.isLinkable(node)) return { status: 'waiting', node }
    this.#branches.link(node)
    const failure = await this.#activateBest(node)
    if (failure !== undefined) return { status: 'invalid', error: failure, hash }
    return { status: this.isActive(node) ? 'connected' : 'side-chain', node }
  }

  /** The common case: the block follows the tip, and body, undo data, coins and tip are one commit. */
  async #extendTip(node: BlockNode, block: Block): Promise<BlockOutcome> {
    try {
      await this.#connect(node, block, encodeBlock(block))
    } catch (error) {
      if (!(error instanceof RuleError)) {
        node.hasBody = false
        throw error
      }
      await this.#markInvalid(node, error)
      return { status: 'invalid', error, hash: node.hash }
    }
    this.#branches.link(node)
    this.#emit({ type: 'tip-changed', tip: node })
    await this.#activateBest()
    return { status: 'connected', node }
  }

  /**
   * Moves to the branch with the most work. A branch that turns out invalid is given up, and the best of the others is
   * taken; of equals it is the one that was active at the start.
   *
   * @param watched - returns the error of the first invalid block on the way to this node
   */
  async #activateBest(watched?: BlockNode): Promise<RuleError | undefined> {
    const start = this.tip
    let failure: RuleError | undefined
    let hasMoved = false
    for (;;) {
      const best = this.#branches.best(start)
      if (best === this.tip) break
      hasMoved = true
      const invalid = await this.#moveTo(best)
      if (invalid === undefined) continue
      if (
        watched !== undefined &&
        watched.ancestor(Math.min(invalid.node.height, watched.height)) === invalid.node
      ) {
        failure = invalid.error
      }
    }
    if (hasMoved) this.#emit({ type: 'tip-changed', tip: this.tip })
    return failure
  }

  /** Disconnects back to the fork point and connects up to `target`; stops at a block that is invalid. */
  async #moveTo(target: BlockNode): Promise<{ node: BlockNode; error: RuleError } | undefined> {
    const fork = forkPoint(this.tip, target)
    while (this.tip !== fork) await this.#disconnectTip()
    for (let height = fork.height + 1; height <= target.height; height++) {
      const node = target.ancestor(height)
      try {
        await this.#connect(node, this.#loadBlock(node))
      } catch (error) {
        if (!(error instanceof RuleError)) throw error
        await this.#markInvalid(node, error)
        return { node, error }
      }
    }
    return undefined
  }

  /** Connects the block after the tip. @throws {RuleError} when it is invalid; nothing was changed then */
  async #connect(node: BlockNode, block: Block, newBody?: Bytes): Promise<void> {
    const view = new CoinView((outpoint) => this.#store.readCoin(outpoint))
    const { undo, checks, filterHeader } = connectBlock(this.spec.consensus, block, this.tip, view)
    // Signatures of a block that was connected once were verified then, over the same coins.
    const invalid = node.validity === 'connected' ? undefined : await this.#verifier.findInvalid(checks)
    if (invalid !== undefined) {
      const { txid, inputIndex } = checks[invalid] as (typeof checks)[number]
      throw new RuleError('input-signature-invalid', { txid: formatHash(txid), index: inputIndex })
    }
    await this.#store.commit({
      records: [{ ...node.toRecord(), validity: 'connected', filterHeader }],
      bodies: newBody === undefined ? [] : [{ block: node, bytes: newBody }],
      undo: [{ block: node, bytes: encodeUndo(undo) }],
      coins: view.changes(),
      heights: [[node.height, node.hash]],
      tip: node.hash,
    })
    node.validity = 'connected'
    node.filterHeader = filterHeader
    this.#active.push(node)
    this.#preferTip()
    this.#emit({ type: 'block-connected', node, block, undo })
  }

  async #disconnectTip(): Promise<void> {
    const node = this.tip
    invariant(node.parent !== undefined, 'The genesis block is never disconnected.')
    const block = this.#loadBlock(node)
    const undo = this.#loadUndo(node)
    const view = new CoinView((outpoint) => this.#store.readCoin(outpoint))
    disconnectBlock(block, undo, view)
    await this.#store.commit({
      coins: view.changes(),
      heights: [[node.height, undefined]],
      tip: node.parent.hash,
    })
    this.#active.pop()
    this.#emit({ type: 'block-disconnected', node, block, undo })
  }

  #loadBlock(node: BlockNode): Block {
    const bytes = this.#store.readBody(node)
    if (bytes === undefined) throw inconsistent(`the body of block ${formatHash(node.hash)} is missing`)
    return decodeBlock(bytes)
  }

  #loadUndo(node: BlockNode): BlockUndo {
    const bytes = this.#store.readUndo(node)
    if (bytes === undefined) throw inconsistent(`the undo data of block ${formatHash(node.hash)} is missing`)
    return decodeUndo(bytes)
  }

  async #markInvalid(node: BlockNode, error: RuleError): Promise<void> {
    node.validity = 'invalid'
    node.hasBody = false
    await this.#store.commit({ records: [node.toRecord()] })
    this.#branches.fail(node)
    this.#bestHeader = this.#findBestHeader()
    this.#emit({ type: 'block-invalid', node, error })
  }

  #considerBestHeader(node: BlockNode): void {
    if (!node.failed && node.chainWork > this.#bestHeader.chainWork) this.#bestHeader = node
  }

  /** Of headers with equal work the tip is the best: a node that has nothing more to fetch is not behind. */
  #preferTip(): void {
    if (this.tip.chainWork >= this.#bestHeader.chainWork) this.#bestHeader = this.tip
  }

  #findBestHeader(): BlockNode {
    let best = this.tip
    for (const node of this.#tree.nodes()) if (!node.failed && node.chainWork > best.chainWork) best = node
    return best
  }

  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}

function inconsistent(reason: string): OperationalError {
  return new OperationalError(
    'store-inconsistent',
    `The chain store cannot be used: ${reason}; run reindex.`,
    { reason },
  )
}
