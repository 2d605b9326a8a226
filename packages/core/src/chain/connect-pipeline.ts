/**
 * The connect pipeline: blocks that follow the tip of the active chain and are on their way to the store.
 *
 * A block passes three stages. It is connected to the coins after the block before it, with pauses in which others get their
 * turn and no group is closed; its signatures are verified, those of several blocks at a time; and groups of verified blocks become durable with one
 * commit each, in order. While one group is verified and committed the next one gathers, on top of it. When a block fails,
 * it and all that came after it are given up and those before it are committed, exactly as if blocks had come one by one.
 *
 * Not for deciding which blocks to connect (`chain-manager.ts`), nor what becomes of those that were given up.
 *
 * Source: docs/protocol/storage.md#groups
 */
import type { Bytes } from '../bytes/index.ts'
import type { ConsensusParams, SignatureVerifier } from '../consensus/index.ts'
import { invariant } from '../errors/index.ts'
import type { Block } from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainStore, ChainStoreBatch } from './chain-store.ts'
import { CoinView, type ReadCoin } from './coin-view.ts'
import { type ConnectResult, connectBlockSteps } from './connect-block.ts'
import { type GiveWay, runInTurns } from './give-way.ts'
import { judgeSignatures, type Verdict } from './judge-signatures.ts'
import { type BlockUndo, encodeUndo } from './undo.ts'

/** A group is closed when its blocks have this many bytes. */
const GROUP_SIZE = 1024 * 1024
/** A group is closed when it is older than this many seconds. */
const GROUP_SECONDS = 1

/** A block that was connected or disconnected. */
export interface ChainStep {
  readonly node: BlockNode
  readonly block: Block
  readonly undo: BlockUndo
}

/** Why a block was given up. The blocks before it are in the store. */
export interface PipelineFailure {
  readonly node: BlockNode
  /** A `RuleError` when the block is invalid; anything else when it could not be verified or stored. */
  readonly error: unknown
  /** The blocks after it, which were given up unjudged, lowest first. */
  readonly withdrawn: readonly BlockNode[]
}

/** What a pipeline works with. */
export interface PipelineModules {
  readonly params: ConsensusParams
  readonly store: ChainStore
  readonly verifier: SignatureVerifier
  readonly clock: () => UnixTime
  /** Called again and again while a block is connected. */
  readonly giveWay: GiveWay
  /** The last block in the store. */
  readonly tip: () => BlockNode
  /** Called with the blocks of a group when it is in the store, lowest first. Must not throw. */
  readonly onStored: (steps: readonly ChainStep[]) => void
  /** Called when blocks were given up: {@link ConnectPipeline.settle} tells which. Must not throw. */
  readonly onFailed: () => void
}

interface PendingBlock extends ChainStep {
  readonly bytes: Bytes
  /** Whether the store holds the body already. */
  readonly isStored: boolean
  /** Where the coins of its group stood before it. */
  readonly mark: number
  /** On its signatures. */
  readonly verdict: Promise<Verdict>
}

/** Blocks that become durable together. */
class Group {
  /** The coins after its blocks, over those of the group below it while that one is not in the store. */
  readonly coins: CoinView
  below: Group | undefined
  readonly blocks: PendingBlock[] = []
  /** When its first block came. */
  since: UnixTime = 0
  /** Length of the bodies of its blocks. */
  size = 0

  constructor(readStored: ReadCoin, below: Group | undefined) {
    this.below = below
    this.coins = new CoinView((outpoint) => {
      return this.below === undefined ? readStored(outpoint) : this.below.coins.get(outpoint)
    })
  }
}

/** Bounded by two groups, where {@link ConnectPipeline.hasRoom} is waited for before each block. */
export class ConnectPipeline {
  readonly #modules: PipelineModules
  /** Takes blocks in. */
  #gathering: Group
  /** Is being verified and committed. */
  #closing: Group | undefined
  #finishing: Promise<void> = Promise.resolve()
  /** Whether the gathering group shall be closed as soon as the one before it is in the store. */
  #isFlushWanted = false
  /** Whether a block is being connected: the gathering group holds a part of it, and must not be closed. */
  #isConnecting = false
  #failure: PipelineFailure | undefined

  constructor(modules: PipelineModules) {
    this.#modules = modules
    this.#gathering = this.#createGroup()
  }

  /** The last block in here, or the tip: the one that the next block must build on. */
  get head(): BlockNode {
    const last = this.#gathering.blocks.at(-1) ?? this.#closing?.blocks.at(-1)
    return last?.node ?? this.#modules.tip()
  }

  /** Whether blocks were given up: {@link settle} must be called before another one is connected. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Whether the gathering group is large or old enough to be closed. */
  get isFull(): boolean {
    const { size, since } = this.#gathering
    return size >= GROUP_SIZE || (size > 0 && this.#modules.clock() > since + GROUP_SECONDS)
  }

  /** Waits until another block can be taken in. */
  async hasRoom(): Promise<void> {
    while (this.isFull && this.#closing !== undefined) await this.#finishing
  }

  /**
   * Connects a block to the head, and has its signatures verified. Resolves to `false` when a block before it was given up
   * meanwhile: this one was not judged then, and is not in here.
   *
   * @param bytes - the encoded block
   * @param isStored - whether the store holds the body already
   * @throws {RuleError} when the block breaks a rule; the pipeline is as before then
   */
  async connect(node: BlockNode, block: Block, bytes: Bytes, isStored: boolean): Promise<boolean> {
    invariant(!this.hasFailed && node.parent === this.head, 'The pipeline is a chain.')
    const group = this.#gathering
    const mark = group.coins.mark()
    const result = await this.#connectCoins(group, block, node.parent)
    if (result === undefined) return false
    const { undo, checks, filterHeader } = result
    // The next block is checked against it.
    node.filterHeader = filterHeader
    // Signatures of a block that was connected once were verified then, over the same coins.
    const { verifier, clock } = this.#modules
    const verdict =
      node.validity === 'connected' ? Promise.resolve(undefined) : judgeSignatures(verifier, checks)
    group.blocks.push({ node, block, undo, bytes, isStored, mark, verdict })
    if (group.size === 0) group.since = clock()
    group.size += bytes.length
    this.#isFlushWanted = false
    if (this.isFull) this.flush()
    return true
  }

  /** Connects a block to the coins of the gathering group; `undefined` when that was given up meanwhile. */
  async #connectCoins(group: Group, block: Block, parent: BlockNode): Promise<ConnectResult | undefined> {
    const { params, giveWay } = this.#modules
    const mark = group.coins.mark()
    const steps = connectBlockSteps(params, block, parent, group.coins)
    this.#isConnecting = true
    try {
      return await runInTurns(steps, giveWay, () => group === this.#gathering)
    } catch (error) {
      group.coins.rollBack(mark)
      throw error
    } finally {
      this.#isConnecting = false
    }
  }

  /** Makes the blocks in here durable without waiting for more, once the group before them is. */
  flush(): void {
    this.#isFlushWanted = true
    const isReady = this.#closing === undefined && !this.#isConnecting
    if (!isReady || this.#gathering.blocks.length === 0) return
    this.#closing = this.#gathering
    this.#gathering = this.#createGroup()
    this.#finishing = this.#finish(this.#closing)
  }

  /** Waits until nothing is in here any more; returns which blocks were given up since the last time, and why. */
  async settle(): Promise<PipelineFailure | undefined> {
    while (this.#closing !== undefined || this.#gathering.blocks.length > 0) {
      this.flush()
      await this.#finishing
    }
    const failure = this.#failure
    this.#failure = undefined
    return failure
  }

  #createGroup(): Group {
    const { store } = this.#modules
    return new Group((outpoint) => store.readCoin(outpoint), this.#closing)
  }

  async #finish(group: Group): Promise<void> {
    for (const [position, { verdict }] of group.blocks.entries()) {
      const failed = await verdict
      if (failed === undefined) continue
      this.#giveUp(group, position, failed.error)
      break
    }
    await this.#modules.giveWay()
    try {
      if (group.blocks.length > 0) await this.#modules.store.commit(batchOf(group))
    } catch (error) {
      this.#giveUp(group, 0, error)
    }
    this.#closing = undefined
    this.#gathering.below = undefined
    this.#modules.onStored(group.blocks)
    if (this.hasFailed) this.#modules.onFailed()
    else if (this.#isFlushWanted || this.isFull) this.flush()
  }

  /** Takes the block at a position of the closing group, and all that came after it, out of the pipeline. */
  #giveUp(group: Group, position: number, error: unknown): void {
    const [failed, ...rest] = group.blocks.splice(position) as [PendingBlock, ...PendingBlock[]]
    group.coins.rollBack(failed.mark)
    const earlier = this.#failure === undefined ? [] : [this.#failure.node, ...this.#failure.withdrawn]
    const withdrawn = [...rest, ...this.#gathering.blocks].map(({ node }) => node)
    for (const node of [failed.node, ...withdrawn]) {
      if (node.validity !== 'connected') node.filterHeader = undefined
    }
    this.#gathering = this.#createGroup()
    this.#failure = { node: failed.node, error, withdrawn: [...withdrawn, ...earlier] }
  }
}

function batchOf({ blocks, coins }: Group): ChainStoreBatch {
  const last = blocks.at(-1) as PendingBlock
  return {
    records: blocks.map(({ node }) => ({ ...node.toRecord(), validity: 'connected' })),
    bodies: blocks.filter(({ isStored }) => !isStored).map(({ node, bytes }) => ({ block: node, bytes })),
    undo: blocks.map(({ node, undo }) => ({ block: node, bytes: encodeUndo(undo) })),
    coins: coins.changes(),
    heights: blocks.map(({ node }) => [node.height, node.hash]),
    tip: last.node.hash,
  }
}
