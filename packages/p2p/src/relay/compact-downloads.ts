/**
 * Puts blocks together from their compact form, from transactions that are here and from those that whoever sent it is asked
 * for, and hands them to sync; meanwhile nobody is asked for the whole block.
 *
 * Wherever that does not work out, sync fetches the block as always: when a short id stands for two transactions, when too
 * much is missing, when it takes too long.
 *
 * Bounds: `relayLimits.compactBlocks`, `compactPerBlock` and `compactBytes`. Each block costs the work of its header, since
 * only blocks that build on the tip, or nearly, with more work than it has are looked at.
 *
 * Source: docs/protocol/peers.md#compact-blocks; BIP152; Bitcoin Core, `NetMsgType::CMPCTBLOCK`
 */
import { type Bytes, bytesKey } from '@chain/core/bytes'
import type { BlockNode } from '@chain/core/chain'
import { checkBlock, checkBlockContext, RuleError } from '@chain/core/consensus'
import {
  type Block,
  type BlockHash,
  type BlockTransactions,
  blockHash,
  type CompactBlock,
  decodeHeader,
  encodeHeader,
  formatHash,
  type Transaction,
} from '@chain/core/primitives'
import type { Clock, Timer } from '../clock.ts'
import type { Penalise } from '../peers/penalise.ts'
import type { ChainPort, LogPort, MempoolPort } from '../ports.ts'
import { PartialBlock } from './partial-block.ts'
import { RecentSet } from './recent-set.ts'
import type { RecentTransactions } from './recent-transactions.ts'
import { relayLimits } from './relay-limits.ts'
import type { RelayPeer } from './relay-peer.ts'

/** Sync, as relay sees it; a `Syncer` is one. */
export interface SyncPort {
  /** Takes the 80-byte header of a peer's new tip. */
  announce(peer: string, header: Uint8Array): Promise<void>
  /** Asks nobody for the body of a block for a short while. */
  hold(hash: BlockHash): void
  /** The body is not coming in another way. */
  release(hash: BlockHash): void
  /** Takes in a block whose header the chain knows, and the peer that sent its compact form. */
  deliver(hash: BlockHash, block: Block, peer: string): void
  /** Tells who sent a block, in whatever form, that is part of the active chain now. */
  subscribe(listener: (peer: string, node: BlockNode) => void): () => void
}

/** What it works with. */
export interface CompactDownloadsModules {
  readonly chain: ChainPort
  readonly mempool: MempoolPort
  readonly recent: RecentTransactions
  readonly sync: SyncPort
  readonly penalise: Penalise
  readonly clock: Clock
  readonly log: LogPort
  /** All peers, by their id. */
  readonly peers: ReadonlyMap<string, RelayPeer>
}

/** Transactions that are looked at for a block before others have their turn. */
const SLICE = 2_000

/** A block that lacks transactions, for which the peer was asked. */
interface Attempt {
  readonly peer: RelayPeer
  readonly node: BlockNode
  readonly partial: PartialBlock
  /** Bytes of its compact form. */
  readonly length: number
  readonly timer: Timer
}

/** A compact form that a peer was asked for. */
interface Question {
  readonly peer: string
  readonly hash: BlockHash
  readonly timer: Timer
}

/** The blocks that are being put together. */
export class CompactDownloads {
  readonly #modules: CompactDownloadsModules
  /** By block and peer. */
  readonly #attempts = new Map<string, Map<string, Attempt>>()
  /** By block: of one peer each. */
  readonly #questions = new Map<string, Question>()
  /** Each is held once: nobody can keep a block away by sending its compact form again and again. */
  readonly #held = new RecentSet(relayLimits.knownBlocks)
  readonly #delivered = new RecentSet(relayLimits.knownBlocks)

  constructor(modules: CompactDownloadsModules) {
    this.#modules = modules
  }

  /** A peer announced a block by its header: it is asked for the compact form if that is of use. */
  async takeHeader(peer: RelayPeer, bytes: Bytes): Promise<void> {
    const { chain, sync } = this.#modules
    const header = decodeHeader(bytes)
    const hash = blockHash(header)
    const isOfUse = peer.blocks.isCompact && this.#mayAsk(hash, header.parent)
    if (isOfUse) this.#expectAnswer(peer, hash)
    await sync.announce(peer.id, bytes)
    if (!isOfUse || this.#questions.get(bytesKey(hash))?.peer !== peer.id) return
    const node = chain.find(hash)
    if (node !== undefined && this.#isWanted(node)) peer.blocks.askCompact(hash)
    else this.#dropQuestion(hash)
  }

  /** A peer sent a compact block that it was asked for, or may send unasked. */
  async takeBlock(peer: RelayPeer, compact: CompactBlock, length: number): Promise<void> {
    const { chain, sync } = this.#modules
    const hash = blockHash(compact.header)
    this.#holdOnce(hash)
    await sync.announce(peer.id, encodeHeader(compact.header))
    const node = chain.find(hash)
    if (node !== undefined && this.#isWanted(node)) await this.#begin(peer, node, compact, length)
    if (this.#questions.get(bytesKey(hash))?.peer === peer.id) this.#dropQuestion(hash)
    this.#releaseUnlessExpected(hash)
  }

  /** A peer sent transactions of a block that it was asked for. */
  takeTransactions(peer: RelayPeer, { block: hash, transactions }: BlockTransactions): void {
    const attempt = this.#takeOut(hash, peer.id)
    if (attempt === undefined) return
    const { partial, node } = attempt
    if (partial.complete(transactions)) this.#conclude(peer, node, partial)
    else {
      const sentence = `It sent other transactions of block ${formatHash(hash)} than it was asked for.`
      this.#modules.penalise(peer.id, 'protocol-violation', sentence)
    }
    this.#releaseUnlessExpected(hash)
  }

  /** A peer gives nothing about a block. */
  takeRefusal(peer: RelayPeer, hash: BlockHash): void {
    this.#takeOut(hash, peer.id)
    if (this.#questions.get(bytesKey(hash))?.peer === peer.id) this.#dropQuestion(hash)
    this.#releaseUnlessExpected(hash)
  }

  /** What becomes of a block is known. */
  settle(hash: BlockHash): void {
    const key = bytesKey(hash)
    for (const { timer } of this.#attempts.get(key)?.values() ?? []) timer.cancel()
    this.#attempts.delete(key)
    this.#dropQuestion(hash)
  }

  /** A peer is gone. */
  removePeer(peer: RelayPeer): void {
    const hashes = [...this.#attempts.values()].flatMap((attempts) => attempts.get(peer.id)?.node.hash ?? [])
    for (const { peer: id, hash } of this.#questions.values()) if (id === peer.id) hashes.push(hash)
    for (const hash of hashes) this.takeRefusal(peer, hash)
  }

  /** Puts together nothing more. */
  stop(): void {
    for (const attempts of this.#attempts.values()) for (const { timer } of attempts.values()) timer.cancel()
    for (const { timer } of this.#questions.values()) timer.cancel()
    this.#attempts.clear()
    this.#questions.clear()
  }

  /** Whether to ask for the compact form of a block whose header is new. */
  #mayAsk(hash: BlockHash, parent: BlockHash): boolean {
    const { chain, mempool } = this.#modules
    const before = chain.find(parent)
    const key = bytesKey(hash)
    return (
      mempool.count > 0 &&
      before !== undefined &&
      before.height < chain.tip.height + relayLimits.compactReach &&
      chain.find(hash) === undefined &&
      !this.#questions.has(key) &&
      !this.#attempts.has(key) &&
      this.#questions.size < relayLimits.compactBlocks
    )
  }

  /** Whether a block is the next one, or nearly, and its body is not here. */
  #isWanted({ hash, failed, hasBody, chainWork, height }: BlockNode): boolean {
    const { tip } = this.#modules.chain
    const isHere = hasBody || this.#delivered.has(bytesKey(hash))
    const isNear = height <= tip.height + relayLimits.compactReach
    return !failed && !isHere && isNear && chainWork > tip.chainWork
  }

  #expectAnswer(peer: RelayPeer, hash: BlockHash): void {
    const timer = this.#modules.clock.setTimer(relayLimits.compactTimeout, () => {
      this.#blameForTime(peer)
      this.takeRefusal(peer, hash)
    })
    this.#questions.set(bytesKey(hash), { peer: peer.id, hash, timer })
    this.#holdOnce(hash)
  }

  #holdOnce(hash: BlockHash): void {
    const key = bytesKey(hash)
    if (this.#held.has(key)) return
    this.#held.add(key)
    this.#modules.sync.hold(hash)
  }

  #dropQuestion(hash: BlockHash): void {
    const key = bytesKey(hash)
    this.#questions.get(key)?.timer.cancel()
    if (this.#questions.delete(key)) this.#releaseUnlessExpected(hash)
  }

  #releaseUnlessExpected(hash: BlockHash): void {
    const key = bytesKey(hash)
    if (!this.#questions.has(key) && !this.#attempts.has(key)) this.#modules.sync.release(hash)
  }

  async #begin(peer: RelayPeer, node: BlockNode, compact: CompactBlock, length: number): Promise<void> {
    // To look through all that waits costs more than to send a few ids.
    if (!peer.blocks.beginCompact(node.hash)) return
    const partial = PartialBlock.begin(compact)
    if (partial === 'ambiguous') return
    if (partial === 'malformed') {
      const sentence = `The compact form of block ${formatHash(node.hash)} is that of no block.`
      this.#modules.penalise(peer.id, 'protocol-violation', sentence)
      return
    }
    await this.#fill(partial)
    if (this.#modules.peers.get(peer.id) !== peer || !this.#isWanted(node)) return
    const { missing } = partial
    if (missing.length === 0) this.#conclude(peer, node, partial)
    else if (missing.length <= relayLimits.compactMissing && this.#hasRoom(node.hash, length)) {
      this.#await({ peer, node, partial, length })
      peer.blocks.askTransactions(node.hash, missing)
    }
  }

  /** Puts in what is here, with pauses in which others have their turn. */
  async #fill(partial: PartialBlock): Promise<void> {
    let slice: Transaction[] = []
    for (const transaction of this.#transactions()) {
      slice.push(transaction)
      if (slice.length < SLICE) continue
      partial.fillFrom(slice)
      if (partial.missing.length === 0) return
      slice = []
      await new Promise<void>((resolve) => this.#modules.clock.setTimer(0, resolve))
    }
    partial.fillFrom(slice)
  }

  *#transactions(): Generator<Transaction> {
    for (const { transaction } of this.#modules.mempool.entries()) yield transaction
    yield* this.#modules.recent
  }

  #hasRoom(hash: BlockHash, length: number): boolean {
    const same = this.#attempts.get(bytesKey(hash))
    if (same === undefined && this.#attempts.size >= relayLimits.compactBlocks) return false
    if (same !== undefined && same.size >= relayLimits.compactPerBlock) return false
    const all = [...this.#attempts.values()].flatMap((attempts) => [...attempts.values()])
    return all.reduce((sum, each) => sum + each.length, length) <= relayLimits.compactBytes
  }

  #await(attempt: Omit<Attempt, 'timer'>): void {
    const { peer, node } = attempt
    const timer = this.#modules.clock.setTimer(relayLimits.compactTimeout, () => {
      this.#blameForTime(peer)
      this.takeRefusal(peer, node.hash)
    })
    const key = bytesKey(node.hash)
    const same = this.#attempts.get(key) ?? new Map<string, Attempt>()
    same.set(peer.id, { ...attempt, timer })
    this.#attempts.set(key, same)
  }

  #takeOut(hash: BlockHash, peer: string): Attempt | undefined {
    const key = bytesKey(hash)
    const same = this.#attempts.get(key)
    const attempt = same?.get(peer)
    if (same === undefined || attempt === undefined) return undefined
    attempt.timer.cancel()
    same.delete(peer)
    if (same.size === 0) this.#attempts.delete(key)
    return attempt
  }

  /** No transaction is missing. */
  #conclude(peer: RelayPeer, node: BlockNode, partial: PartialBlock): void {
    const { block } = partial
    if (block === undefined || !this.#isWanted(node)) return
    const error = this.#judge(block, node)
    if (error?.rule.blame === 'mutated') {
      const data = { peer: peer.id, hash: formatHash(node.hash), error }
      this.#modules.log.debug(data, 'A block that was put together is not the one that was meant')
      return
    }
    this.settle(node.hash)
    this.#delivered.add(bytesKey(node.hash))
    // The chain remembers a block that breaks the rules.
    this.#modules.sync.deliver(node.hash, block, peer.id)
    if (error?.rule.blame === 'peer') this.#modules.penalise(peer.id, 'invalid-block', error.message)
  }

  /** The rule that a block breaks, of those that need no coins: who sends a compact block has checked them. */
  #judge(block: Block, { parent }: BlockNode): RuleError | undefined {
    try {
      checkBlock(block)
      if (parent !== undefined) checkBlockContext(this.#modules.chain.spec.consensus, block, parent)
      return undefined
    } catch (error) {
      if (error instanceof RuleError) return error
      throw error
    }
  }

  #blameForTime(peer: RelayPeer): void {
    this.#modules.penalise(
      peer.id,
      'timeout',
      'It did not answer a question about a block that it had announced.',
    )
  }
}
