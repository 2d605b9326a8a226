/**
 * Verifying what a store holds: reads blocks of the active chain from the tip downwards and judges them anew, as thoroughly
 * as is asked for. Changes nothing.
 *
 * | level | what is checked                                                                                     |
 * |-------|-----------------------------------------------------------------------------------------------------|
 * | 0     | the block is there, can be read, and stands at its height                                           |
 * | 1     | it follows the rules that need no coins                                                             |
 * | 2     | its undo data is there and can be read                                                              |
 * | 3     | disconnecting it, in memory, fits the coins; down to the genesis block no coin is left over         |
 * | 4     | connecting it again follows all rules, signatures included, and gives the same coins and undo data  |
 *
 * Source: Bitcoin Core, `verifychain`; docs/protocol/storage.md#verification
 */
import { equalBytes } from '../bytes/index.ts'
import {
  type ConsensusParams,
  checkBlock,
  checkBlockContext,
  checkHeader,
  RuleError,
  type SignatureVerifier,
} from '../consensus/index.ts'
import { ChainError, OperationalError } from '../errors/index.ts'
import { type Block, type BlockHash, blockHash, decodeBlock, formatOutPoint } from '../primitives/index.ts'
import type { Height } from '../units/index.ts'
import type { BlockNode } from './block-tree.ts'
import type { ChainStore } from './chain-store.ts'
import { CoinView } from './coin-view.ts'
import { type ConnectResult, connectBlockSteps, disconnectBlockSteps, isSameCoin } from './connect-block.ts'
import { type GiveWay, runInTurns } from './give-way.ts'
import { judgeSignatures, type Verdict } from './judge-signatures.ts'
import { type BlockUndo, decodeUndo, encodeUndo } from './undo.ts'

/** How thoroughly a chain is verified: each level includes those below it. */
export type VerifyLevel = 0 | 1 | 2 | 3 | 4

/** What to verify. */
export interface VerifyOptions {
  /** How many blocks from the tip downwards; all when 0. */
  readonly depth: number
  readonly level: VerifyLevel
  /** Told after each block and each thousand coins, of `all` steps; waited for, so that other work can run in between. */
  readonly onProgress?: (done: number, all: number) => Promise<void>
}

/** What verifying a chain found. */
export interface VerifyReport {
  /** Blocks that were looked at. */
  readonly blocks: number
  /** Height of the lowest of them: above the one asked for where blocks are pruned. */
  readonly from: Height
  readonly transactions: number
  /** Signatures that were verified; 0 below level 4. */
  readonly signatures: number
  /** The first fault that was found, or `undefined` when all is well. */
  readonly fault: ChainFault | undefined
}

/** Something in a store that is not as it should be. */
export interface ChainFault {
  readonly height: Height
  readonly hash: BlockHash
  /** What is wrong: a rule that the block breaks, or damage in the store. */
  readonly error: ChainError
}

/** What a verification works with; nothing may change meanwhile. */
export interface VerifyModules {
  readonly params: ConsensusParams
  readonly store: ChainStore
  readonly verifier: SignatureVerifier
  /** Called again and again during long work. */
  readonly giveWay: GiveWay
  /** The active chain, from the genesis block to the tip. */
  readonly nodes: readonly BlockNode[]
}

/** Blocks whose signatures are verified at a time. */
const PARALLEL_BLOCKS = 16

/** Verifies the active chain. Takes memory for the coins that the blocks looked at have changed, from level 3 on. */
export async function verifyChain(modules: VerifyModules, options: VerifyOptions): Promise<VerifyReport> {
  const verification = new Verification(modules, options)
  let fault: ChainFault | undefined
  try {
    await verification.run()
  } catch (error) {
    if (error instanceof CannotVerify) throw error.cause
    if (!(error instanceof ChainError)) throw error
    const { hash, height } = verification.current
    fault = { height, hash, error }
  }
  const { blocks, transactions, signatures, from } = verification
  return { blocks, from, transactions, signatures, fault }
}

/** Signatures could not be verified, which says nothing about the chain. */
class CannotVerify extends Error {
  constructor(reason: unknown) {
    super('Signatures could not be verified.', { cause: reason })
  }
}

/** Coins that are compared before others get their turn. */
const COINS_AT_ONCE = 1_000

/** One run. Its methods throw a `ChainError` when something is wrong with the block that is {@link current}. */
class Verification {
  readonly #modules: VerifyModules
  readonly #options: VerifyOptions
  /** The coins, with what was disconnected and connected here. */
  readonly #coins: CoinView
  /** Of the blocks whose signatures are being verified, lowest first. */
  readonly #verdicts: { readonly node: BlockNode; readonly verdict: Promise<Verdict> }[] = []
  current: BlockNode
  from: Height
  blocks = 0
  transactions = 0
  signatures = 0
  #steps = 0
  #all = 0

  constructor(modules: VerifyModules, options: VerifyOptions) {
    this.#modules = modules
    this.#options = options
    this.#coins = new CoinView((outpoint) => modules.store.readCoin(outpoint))
    const tip = modules.nodes.at(-1) as BlockNode
    this.current = tip
    this.from = tip.height + 1
  }

  async run(): Promise<void> {
    const { nodes } = this.#modules
    const { depth, level } = this.#options
    const lowest = depth === 0 ? 1 : Math.max(1, nodes.length - depth)
    for (let height = nodes.length - 1; height >= lowest; height--) {
      const node = nodes[height] as BlockNode
      // Pruned, as are all below it.
      if (!node.hasBody) break
      await this.#checkDown(node)
      this.from = height
      await this.#tell(lowest)
    }
    if (level >= 3 && this.from === 1) await this.#checkNothingLeft()
    if (level < 4) return
    for (const node of nodes.slice(this.from)) {
      await this.#checkUp(node)
      await this.#tell(lowest)
    }
    while (this.#verdicts.length > 0) await this.#awaitVerdict()
    await this.#checkCoins()
  }

  async #tell(lowest: Height): Promise<void> {
    const { nodes } = this.#modules
    this.#steps += 1
    this.#all = (nodes.length - lowest) * (this.#options.level < 4 ? 1 : 2)
    await this.#pause()
  }

  async #pause(): Promise<void> {
    await this.#options.onProgress?.(this.#steps, this.#all)
  }

  async #checkDown(node: BlockNode): Promise<void> {
    const { level } = this.#options
    const { giveWay } = this.#modules
    this.current = node
    const block = this.#readBlock(node)
    if (level >= 1) this.#checkRules(node, block)
    if (level >= 2) {
      const undo = this.#readUndo(node)
      if (level >= 3) await runInTurns(disconnectBlockSteps(block, node.height, undo, this.#coins), giveWay)
    }
    this.blocks += 1
    this.transactions += block.transactions.length
  }

  #readBlock(node: BlockNode): Block {
    const { store } = this.#modules
    const body = store.readBody(node)
    if (body === undefined) throw broken('its body is missing')
    const block = decodeBlock(body)
    if (!equalBytes(blockHash(block.header), node.hash)) throw broken('its body is that of another block')
    const active = store.readHashAt(node.height)
    if (active === undefined || !equalBytes(active, node.hash)) throw broken('its height names another block')
    return block
  }

  #checkRules({ header, hash, parent }: BlockNode, block: Block): void {
    const { params } = this.#modules
    // Its own time is now: whether it was in the future once does not matter any more.
    checkHeader(params, header, hash, parent as BlockNode, header.time)
    checkBlock(block)
    checkBlockContext(params, block, parent as BlockNode)
  }

  #readUndo(node: BlockNode): BlockUndo {
    const undo = this.#modules.store.readUndo(node)
    if (undo === undefined) throw broken('its undo data is missing')
    return decodeUndo(undo)
  }

  /** With all blocks disconnected, no coin can be seen. */
  async #checkNothingLeft(): Promise<void> {
    let count = 0
    for (const [outpoint] of this.#modules.store.readCoins()) {
      count += 1
      if (count % COINS_AT_ONCE === 0) await this.#pause()
      if (this.#coins.get(outpoint) !== undefined)
        throw broken(`no block makes the coin ${formatOutPoint(outpoint)}`)
    }
  }

  async #checkUp(node: BlockNode): Promise<void> {
    const { verifier, store } = this.#modules
    this.current = node
    const block = this.#readBlock(node)
    const { undo, checks, filterHeader } = await this.#connect(block, node.parent as BlockNode)
    const stored = store.readUndo(node)
    if (stored === undefined || !equalBytes(encodeUndo(undo), stored)) throw broken('its undo data is wrong')
    if (filterHeader !== undefined && !equalBytes(filterHeader, node.filterHeader ?? new Uint8Array())) {
      throw broken('its filter header is wrong')
    }
    this.signatures += checks.length
    this.#verdicts.push({ node, verdict: judgeSignatures(verifier, checks) })
    if (this.#verdicts.length >= PARALLEL_BLOCKS) await this.#awaitVerdict()
  }

  async #connect(block: Block, parent: BlockNode): Promise<ConnectResult> {
    const { params, giveWay } = this.#modules
    const steps = connectBlockSteps(params, block, parent, this.#coins)
    return (await runInTurns(steps, giveWay)) as ConnectResult
  }

  async #awaitVerdict(): Promise<void> {
    const next = this.#verdicts.shift()
    if (next === undefined) return
    const verdict = await next.verdict
    this.current = next.node
    if (verdict === undefined) return
    throw verdict.error instanceof RuleError ? verdict.error : new CannotVerify(verdict.error)
  }

  /** With all blocks connected again, the coins are those of the store. */
  async #checkCoins(): Promise<void> {
    let count = 0
    for (const [outpoint, coin] of this.#coins.changes()) {
      count += 1
      if (count % COINS_AT_ONCE === 0) await this.#pause()
      const stored = this.#modules.store.readCoin(outpoint)
      const isRight = coin === undefined || stored === undefined ? coin === stored : isSameCoin(coin, stored)
      if (!isRight) throw broken(`the coin ${formatOutPoint(outpoint)} is wrong`)
    }
  }
}

/** @param reason - part of a sentence about the block */
function broken(reason: string): OperationalError {
  return new OperationalError('store-inconsistent', `The store contradicts itself: ${reason}; run reindex.`, {
    reason,
  })
}
