/**
 * The active chain: the blocks whose effects the coins in the store show. Grows and shrinks at its end only, by atomic
 * commits of the store, so that the store never holds two truths.
 *
 * Not for deciding which branch is active (`chain-manager.ts`).
 *
 * Source: docs/protocol/consensus.md#chain; docs/protocol/storage.md
 */
import type { Bytes } from '../bytes/index.ts'
import type { ConsensusParams, SignatureVerifier } from '../consensus/index.ts'
import { invariant, OperationalError } from '../errors/index.ts'
import { type Block, decodeBlock, encodeBlock, formatHash, ZERO_HASH } from '../primitives/index.ts'
import type { Height, UnixTime } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainStore } from './chain-store.ts'
import { CoinView } from './coin-view.ts'
import { blockFilterHeader, disconnectBlockSteps } from './connect-block.ts'
import { type ChainStep, ConnectPipeline, type PipelineFailure } from './connect-pipeline.ts'
import { type GiveWay, runInTurns } from './give-way.ts'
import { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'

/** What an active chain works with. */
export interface ActiveChainModules {
  readonly params: ConsensusParams
  readonly store: ChainStore
  readonly verifier: SignatureVerifier
  readonly clock: () => UnixTime
  /** Called again and again during long work. */
  readonly giveWay: GiveWay
  /** Alone in the chain until {@link ActiveChain.begin} or {@link ActiveChain.load}. */
  readonly genesis: BlockNode
  /** Called for each block that has become part of the chain; it is the tip then. Must not throw. */
  readonly onConnected: (step: ChainStep) => void
  /** Called after each group of blocks that became durable together. Must not throw. */
  readonly onGroupStored: () => void
  /** Called when blocks were given up: {@link ActiveChain.settle} tells which. Must not throw. */
  readonly onFailed: () => void
}

/**
 * The active chain: its blocks by height, and the steps that move its tip. Bounded by the blocks that were connected.
 */
export class ActiveChain {
  readonly #modules: ActiveChainModules
  /** By height. */
  readonly #nodes: BlockNode[]
  readonly #pipeline: ConnectPipeline

  constructor(modules: ActiveChainModules) {
    this.#modules = modules
    this.#nodes = [modules.genesis]
    this.#pipeline = new ConnectPipeline({
      ...modules,
      tip: () => this.tip,
      onStored: (steps) => this.#append(steps),
    })
  }

  /** The last block that is in the store. */
  get tip(): BlockNode {
    return this.#nodes[this.#nodes.length - 1] as BlockNode
  }

  /** The last block that was connected; it may still be on its way to the store. */
  get head(): BlockNode {
    return this.#pipeline.head
  }

  /** Whether the connected blocks should become durable without waiting for more. */
  get isFull(): boolean {
    return this.#pipeline.isFull
  }

  /** Whether blocks were given up: {@link settle} must be called before another one is connected. */
  get hasFailed(): boolean {
    return this.#pipeline.hasFailed
  }

  /** The block at a height, or `undefined` above the tip. */
  at(height: Height): BlockNode | undefined {
    return this.#nodes[height]
  }

  /** Whether a block is part of the active chain. */
  has(node: BlockNode): boolean {
    return this.#nodes[node.height] === node
  }

  /** The blocks from height `start` up to and without `end`. */
  slice(start: Height, end: Height): BlockNode[] {
    return this.#nodes.slice(start, end)
  }

  /** Stores the genesis block, which is not connected: its outputs can never be spent. */
  async begin(): Promise<void> {
    const { params, store } = this.#modules
    const [genesis] = this.#nodes as [BlockNode]
    const block = params.genesis
    genesis.validity = 'connected'
    genesis.hasBody = true
    genesis.transactionCount = block.transactions.length
    if (params.filterCommitment) genesis.filterHeader = blockFilterHeader(block, [], ZERO_HASH)
    await store.commit({
      records: [genesis.toRecord()],
      bodies: [{ block: genesis, bytes: encodeBlock(block) }],
      undo: [{ block: genesis, bytes: encodeUndo([]) }],
      heights: [[0, genesis.hash]],
      tip: genesis.hash,
    })
  }

  /** Takes up the chain that ends with `tip`, as the store holds it. */
  load(tip: BlockNode): void {
    for (let node: BlockNode | undefined = tip; node !== undefined; node = node.parent) {
      this.#nodes[node.height] = node
    }
  }

  /** Waits until the next block can be connected without taking more memory than it should. */
  hasRoom(): Promise<void> {
    return this.#pipeline.hasRoom()
  }

  /**
   * Connects the block after the head. It is part of the chain when `onConnected` says so. Resolves to `false` when a block
   * before it was given up meanwhile, so that this one was not judged.
   *
   * @param newBody - the block, when the store does not hold its body yet
   * @throws {RuleError} when the block is invalid; nothing was changed then
   */
  async connect(node: BlockNode, newBody?: Block): Promise<boolean> {
    const bytes = newBody === undefined ? this.#readBody(node) : encodeBlock(newBody)
    return await this.#pipeline.connect(node, newBody ?? decodeBlock(bytes), bytes, newBody === undefined)
  }

  /** Makes the connected blocks durable without waiting for more. */
  flush(): void {
    this.#pipeline.flush()
  }

  /** Waits until all connected blocks are in the store or given up; returns which were given up, and why. */
  settle(): Promise<PipelineFailure | undefined> {
    return this.#pipeline.settle()
  }

  /**
   * Makes sure that the chain can be disconnected down to a block of it.
   *
   * @throws {OperationalError} `blocks-pruned`
   */
  expectBodies(fork: BlockNode): void {
    const pruned = this.#nodes.slice(fork.height + 1).findLast(({ hasBody }) => !hasBody)
    if (pruned !== undefined) throw blocksPruned(pruned)
  }

  /** Disconnects the tip. Nothing may be on its way to the store. */
  async disconnect(): Promise<ChainStep> {
    const { store } = this.#modules
    const node = this.tip
    invariant(node.parent !== undefined, 'The genesis block is never disconnected.')
    invariant(node === this.head, 'Blocks are disconnected when all are in the store.')
    const block = this.readBlock(node)
    const undo = this.readUndo(node)
    const view = new CoinView((outpoint) => store.readCoin(outpoint))
    await runInTurns(disconnectBlockSteps(block, node.height, undo, view), this.#modules.giveWay)
    const heights = [[node.height, undefined]] as const
    await store.commit({ coins: view.changes(), heights, tip: node.parent.hash })
    this.#nodes.pop()
    return { node, block, undo }
  }

  /** The body of a block that the store should hold. @throws {OperationalError} `store-inconsistent` */
  readBlock(node: BlockNode): Block {
    return decodeBlock(this.#readBody(node))
  }

  /** The undo data of a block that was connected once. @throws {OperationalError} `store-inconsistent` */
  readUndo(node: BlockNode): BlockUndo {
    return decodeUndo(expectStored(this.#modules.store.readUndo(node), 'undo data', node))
  }

  #readBody(node: BlockNode): Bytes {
    return expectStored(this.#modules.store.readBody(node), 'body', node)
  }

  #append(steps: readonly ChainStep[]): void {
    for (const { node, block, undo } of steps) {
      node.validity = 'connected'
      this.#nodes.push(node)
      this.#modules.onConnected({ node, block, undo })
    }
    if (steps.length > 0) this.#modules.onGroupStored()
  }
}

function expectStored(bytes: Bytes | undefined, what: string, node: BlockNode): Bytes {
  if (bytes === undefined) throw storeInconsistent(`the ${what} of block ${formatHash(node.hash)} is missing`)
  return bytes
}

function blocksPruned({ height, hash }: BlockNode): OperationalError {
  const message = `A better branch leaves the chain below block ${height}, whose data was pruned: remove the data directory and sync again.`
  return new OperationalError('blocks-pruned', message, { height, hash: formatHash(hash) })
}

/** The store contradicts itself. @param reason - part of a sentence */
export function storeInconsistent(reason: string): OperationalError {
  const message = `The chain store cannot be used: ${reason}; run reindex.`
  return new OperationalError('store-inconsistent', message, { reason })
}
