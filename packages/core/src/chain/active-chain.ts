/**
 * The active chain: the blocks whose effects the coins show. Grows and shrinks at its end only, one atomic commit of the
 * store each, so that the store never holds two truths.
 *
 * Not for deciding which branch is active (`chain-manager.ts`).
 *
 * Source: docs/protocol/consensus.md#chain; docs/protocol/storage.md
 */
import type { Bytes } from '../bytes/index.ts'
import {
  type ConsensusParams,
  RuleError,
  type SignatureCheck,
  type SignatureVerifier,
} from '../consensus/index.ts'
import { invariant, OperationalError } from '../errors/index.ts'
import { type Block, decodeBlock, encodeBlock, formatHash, ZERO_HASH } from '../primitives/index.ts'
import type { Height } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainStore } from './chain-store.ts'
import { CoinView } from './coin-view.ts'
import { blockFilterHeader, connectBlock, disconnectBlock } from './connect-block.ts'
import { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'

/** A block that was connected or disconnected. */
export interface ChainStep {
  readonly node: BlockNode
  readonly block: Block
  readonly undo: BlockUndo
}

/**
 * The active chain: its blocks by height, and the two steps that move its tip. Bounded by the blocks that were
 * connected.
 */
export class ActiveChain {
  readonly #params: ConsensusParams
  readonly #store: ChainStore
  readonly #verifier: SignatureVerifier
  /** By height. */
  readonly #nodes: BlockNode[]

  /** @param genesis - the node of the genesis block, alone in the chain until {@link begin} or {@link load} */
  constructor(params: ConsensusParams, store: ChainStore, verifier: SignatureVerifier, genesis: BlockNode) {
    this.#params = params
    this.#store = store
    this.#verifier = verifier
    this.#nodes = [genesis]
  }

  /** The last block. */
  get tip(): BlockNode {
    return this.#nodes[this.#nodes.length - 1] as BlockNode
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
    const [genesis] = this.#nodes as [BlockNode]
    const block = this.#params.genesis
    genesis.validity = 'connected'
    genesis.hasBody = true
    genesis.transactionCount = block.transactions.length
    if (this.#params.filterCommitment) genesis.filterHeader = blockFilterHeader(block, [], ZERO_HASH)
    await this.#store.commit({
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

  /**
   * Connects the block after the tip.
   *
   * @param newBody - the block, when the store does not hold its body yet
   * @throws {RuleError} when the block is invalid; nothing was changed then
   */
  async connect(node: BlockNode, newBody?: Block): Promise<ChainStep> {
    const block = newBody ?? this.readBlock(node)
    const view = new CoinView((outpoint) => this.#store.readCoin(outpoint))
    const { undo, checks, filterHeader } = connectBlock(this.#params, block, this.tip, view)
    // Signatures of a block that was connected once were verified then, over the same coins.
    if (node.validity !== 'connected') await this.#verify(checks)
    await this.#store.commit({
      records: [{ ...node.toRecord(), validity: 'connected', filterHeader }],
      bodies: newBody === undefined ? [] : [{ block: node, bytes: encodeBlock(newBody) }],
      undo: [{ block: node, bytes: encodeUndo(undo) }],
      coins: view.changes(),
      heights: [[node.height, node.hash]],
      tip: node.hash,
    })
    node.validity = 'connected'
    node.filterHeader = filterHeader
    this.#nodes.push(node)
    return { node, block, undo }
  }

  /** Disconnects the tip. */
  async disconnect(): Promise<ChainStep> {
    const node = this.tip
    invariant(node.parent !== undefined, 'The genesis block is never disconnected.')
    const block = this.readBlock(node)
    const undo = this.readUndo(node)
    const view = new CoinView((outpoint) => this.#store.readCoin(outpoint))
    disconnectBlock(block, undo, view)
    const heights = [[node.height, undefined]] as const
    await this.#store.commit({ coins: view.changes(), heights, tip: node.parent.hash })
    this.#nodes.pop()
    return { node, block, undo }
  }

  /** The body of a block that the store should hold. @throws {OperationalError} `store-inconsistent` */
  readBlock(node: BlockNode): Block {
    return decodeBlock(expectStored(this.#store.readBody(node), 'body', node))
  }

  /** The undo data of a block that was connected once. @throws {OperationalError} `store-inconsistent` */
  readUndo(node: BlockNode): BlockUndo {
    return decodeUndo(expectStored(this.#store.readUndo(node), 'undo data', node))
  }

  async #verify(checks: readonly SignatureCheck[]): Promise<void> {
    const invalid = await this.#verifier.findInvalid(checks)
    if (invalid === undefined) return
    const { txid, inputIndex } = checks[invalid] as SignatureCheck
    throw new RuleError('input-signature-invalid', { txid: formatHash(txid), index: inputIndex })
  }
}

function expectStored(bytes: Bytes | undefined, what: string, node: BlockNode): Bytes {
  if (bytes === undefined) throw storeInconsistent(`the ${what} of block ${formatHash(node.hash)} is missing`)
  return bytes
}

/** The store contradicts itself. @param reason - part of a sentence */
export function storeInconsistent(reason: string): OperationalError {
  const message = `The chain store cannot be used: ${reason}; run reindex.`
  return new OperationalError('store-inconsistent', message, { reason })
}
