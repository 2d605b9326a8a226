/**
 * Blocks between the peers that sent them and the chain: they come from several peers in any order, and the chain gets
 * them lowest first, several at a time.
 *
 * Bounded in bytes: while it is full nobody is to be asked for more than the chain is starving for, and the blocks that can
 * be used last are dropped where that does not suffice.
 *
 * Not for deciding whom to ask for what (`sync-planner.ts`).
 *
 * Source: docs/protocol/sync.md#blocks
 */
import type { BlockNode } from '@chain/core/chain'
import { DecodeError, invariant } from '@chain/core/errors'
import { type Block, type BlockHash, decodeBlock, formatHash } from '@chain/core/primitives'
import type { ChainPort } from '../ports.ts'
import { blockFault, SyncFault } from './sync-fault.ts'

/** A block that a peer sent; its header is one that was asked for. */
export interface ReceivedBlock {
  readonly hash: BlockHash
  readonly bytes: Uint8Array
  /** Who sent it. */
  readonly peer: string
  /**
   * The same block, where it was decoded before. It came in its compact form then, which is passed on before coins and
   * signatures are looked at: nobody is to blame for what they show.
   */
  readonly compact?: Block
}

/** What a queue works with. */
export interface BlockQueueModules {
  readonly chain: ChainPort
  /** Told what was wrong with a block. */
  readonly onFault: (peer: string, fault: SyncFault) => void
  /** Told who sent a block that is part of the active chain now. */
  readonly onConnected: (peer: string, node: BlockNode) => void
  /** Told why the chain could not judge a block: nobody who sent it is to blame. */
  readonly onError: (error: unknown) => void
  /** Told when more blocks may be asked for, and when none is left. */
  readonly onRoom: () => void
}

/** Bounds of the queue. */
export const blockQueueLimits: { readonly queueBytes: number; readonly maxQueueBytes: number } = {
  /** Bytes of blocks in the queue at which it is full. */
  queueBytes: 16 * 1024 * 1024,
  /** Bytes of blocks in the queue at which blocks are dropped. */
  maxQueueBytes: 32 * 1024 * 1024,
}

/** Bytes of blocks that the chain has in hand at a time. */
const BYTES_IN_HAND = 2 * 1024 * 1024

interface QueuedBlock extends ReceivedBlock {
  readonly node: BlockNode
}

/** Holds each block until those before it are there. */
export class BlockQueue {
  readonly #modules: BlockQueueModules
  /** Blocks that can be handed in, lowest first. */
  readonly #ready: QueuedBlock[] = []
  /** Blocks whose parents are neither in the chain nor in its hands. */
  readonly #waiting = new Map<BlockNode, QueuedBlock>()
  /** Blocks that the chain has in hand. */
  readonly #inHand = new Map<BlockNode, QueuedBlock>()
  readonly #nodes = new Set<BlockNode>()
  #bytes = 0
  #bytesInHand = 0
  #isStopped = false

  constructor(modules: BlockQueueModules) {
    this.#modules = modules
  }

  /** Whether a block is in the queue. */
  has(node: BlockNode): boolean {
    return this.#nodes.has(node)
  }

  /** Whether no block is in the queue. */
  get isEmpty(): boolean {
    return this.#nodes.size === 0
  }

  /** Whether nobody should be asked for more blocks, unless the chain {@link isStarving}. */
  get isFull(): boolean {
    return this.#bytes >= blockQueueLimits.queueBytes
  }

  /** Whether the chain has nothing to do until a block comes that is not here. */
  get isStarving(): boolean {
    return this.#ready.length === 0 && this.#inHand.size === 0
  }

  /** Takes a block in whose header the chain knows, unless it is here already or cannot be valid. */
  add(block: ReceivedBlock): void {
    const node = this.#modules.chain.find(block.hash)
    invariant(node?.parent !== undefined, 'Blocks are asked for when their headers are known.')
    if (this.#nodes.has(node) || node.failed || this.#isStopped) return
    this.#nodes.add(node)
    this.#bytes += block.bytes.length
    const { parent } = node
    const isNext = parent.hasBody || parent.validity === 'connected' || this.#inHand.has(parent)
    if (isNext) this.#ready.push({ ...block, node })
    else this.#waiting.set(node, { ...block, node })
    this.#handIn()
    while (this.#bytes > blockQueueLimits.maxQueueBytes && this.#waiting.size > 0) this.#dropHighest()
  }

  /** Forgets all blocks but those that the chain has in hand. */
  stop(): void {
    this.#isStopped = true
    for (const block of [...this.#ready.splice(0), ...this.#waiting.values()]) this.#forget(block)
    this.#waiting.clear()
  }

  #handIn(): void {
    while (this.#bytesInHand < BYTES_IN_HAND) {
      const block = this.#ready.shift()
      if (block === undefined) return
      void this.#accept(block)
    }
  }

  async #accept(block: QueuedBlock): Promise<void> {
    const { node, bytes, peer, compact } = block
    this.#inHand.set(node, block)
    this.#bytesInHand += bytes.length
    this.#freeChildren(node)
    try {
      const outcome = await this.#modules.chain.acceptBlock(readBlock(block))
      if (outcome.status === 'connected') this.#modules.onConnected(peer, node)
      // Whoever sent the block below it is told already.
      const isFault = outcome.status === 'invalid' && outcome.error.code !== 'header-branch-invalid'
      if (isFault && compact === undefined) this.#modules.onFault(peer, blockFault(outcome))
      if (outcome.status === 'invalid') this.#dropFailed()
    } catch (error) {
      if (error instanceof SyncFault) this.#modules.onFault(peer, error)
      else this.#modules.onError(error)
    }
    const wasFull = this.isFull
    this.#inHand.delete(node)
    this.#bytesInHand -= bytes.length
    this.#forget(block)
    this.#handIn()
    if (wasFull || this.isEmpty) this.#modules.onRoom()
  }

  /** Blocks that follow one which the chain has in hand can be handed in after it. */
  #freeChildren(node: BlockNode): void {
    for (const child of node.children) {
      const block = this.#waiting.get(child)
      if (block === undefined) continue
      this.#waiting.delete(child)
      this.#ready.push(block)
    }
  }

  /** Drops blocks that build on an invalid one. */
  #dropFailed(): void {
    for (const block of this.#waiting.values()) if (block.node.failed) this.#drop(block)
  }

  /** Drops the block that can be used last; it will be asked for again. */
  #dropHighest(): void {
    const blocks = [...this.#waiting.values()]
    const highest = blocks.reduce((best, block) => (block.node.height > best.node.height ? block : best))
    this.#drop(highest)
  }

  #drop(block: QueuedBlock): void {
    this.#waiting.delete(block.node)
    this.#forget(block)
  }

  #forget({ node, bytes }: QueuedBlock): void {
    this.#nodes.delete(node)
    this.#bytes -= bytes.length
  }
}

/** @throws {SyncFault} `sync-block-malformed` */
function readBlock({ hash, bytes, compact }: ReceivedBlock): Block {
  try {
    return compact ?? decodeBlock(bytes)
  } catch (error) {
    throw error instanceof DecodeError ? malformed(hash, error) : error
  }
}

function malformed(hash: BlockHash, cause: DecodeError): SyncFault {
  const sentence = `Block ${formatHash(hash)} cannot be read: ${cause.message}`
  return new SyncFault('sync-block-malformed', sentence, 'invalid-block', { cause })
}
