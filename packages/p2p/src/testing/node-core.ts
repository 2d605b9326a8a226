/**
 * The chain and the mempool of a node of a test network, and what its owner does with them.
 */
import { ChainManager, type ChainStore } from '@chain/core/chain'
import type { ChainSpec, SignatureVerifier } from '@chain/core/consensus'
import { hash160 } from '@chain/core/crypto'
import { Mempool, type MempoolEntry, type MempoolOutcome, type SavedMempool } from '@chain/core/mempool'
import { createBlockTemplate } from '@chain/core/mining'
import type { Block, Transaction } from '@chain/core/primitives'
import { p2wpkhScript } from '@chain/core/script'
import { solve } from '@chain/core/testing'
import type { UnixTime } from '@chain/core/units'

/** How a block is to be mined. */
export interface MineOptions {
  /** Whom it pays; a script of the node's own unless given. */
  readonly script?: Uint8Array
  /** What may stand in it; all that waits unless given. */
  readonly entries?: Iterable<MempoolEntry>
}

/** What a node core works with. */
export interface NodeCoreModules {
  readonly store: ChainStore
  readonly verifier: SignatureVerifier
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
}

/** What stays of a node while it is stopped, besides its store. */
export interface NodeMemory {
  readonly mempool: SavedMempool
  /** Tells apart blocks that would be the same. */
  readonly extraNonce: number
}

/** The memory of a node that never ran. */
export const emptyMemory: NodeMemory = { mempool: { transactions: [], priorities: [] }, extraNonce: 0 }

/** A chain, a mempool on it, and a miner. */
export class NodeCore {
  readonly chain: ChainManager
  readonly mempool: Mempool
  readonly #script: Uint8Array
  readonly #clock: () => UnixTime
  #extraNonce: number

  private constructor(
    id: string,
    parts: { readonly chain: ChainManager; readonly mempool: Mempool },
    clock: () => UnixTime,
    extraNonce: number,
  ) {
    this.chain = parts.chain
    this.mempool = parts.mempool
    this.#script = p2wpkhScript(hash160(new TextEncoder().encode(id)))
    this.#clock = clock
    this.#extraNonce = extraNonce
  }

  /** Opens what a store holds. @param id - makes a script for the blocks that it mines */
  static async open(
    id: string,
    spec: ChainSpec,
    { store, verifier, clock }: NodeCoreModules,
    { mempool: saved, extraNonce }: NodeMemory,
  ): Promise<NodeCore> {
    const chain = await ChainManager.open(spec, { store, verifier, clock })
    const mempool = new Mempool({ chain, verifier, clock })
    await mempool.load(saved)
    return new NodeCore(id, { chain, mempool }, clock, extraNonce)
  }

  /** Waits until the chain has dealt with all that it was given, and says what is worth keeping. */
  async close(): Promise<NodeMemory> {
    await this.chain.settled()
    return { mempool: this.mempool.save(), extraNonce: this.#extraNonce }
  }

  /** Hands a transaction to the mempool, as a wallet does: it is told to peers until one has asked for it. */
  async submit(transaction: Transaction): Promise<MempoolOutcome> {
    const outcome = await this.mempool.accept(transaction)
    if (outcome.status === 'accepted') this.mempool.addUnbroadcast(outcome.entry.txid)
    return outcome
  }

  /**
   * Mines a block on top of the chain, and takes it in.
   *
   * @throws {RuleError} when the node's own rules refuse the block, which is a bug
   */
  async mine({ script = this.#script, entries = this.mempool.entries() }: MineOptions = {}): Promise<Block> {
    this.#extraNonce += 1
    const block = solve(
      createBlockTemplate({
        params: this.chain.spec.consensus,
        parent: this.chain.tip,
        entries,
        script,
        now: this.#clock(),
        extraNonce: this.#extraNonce,
      }),
    )
    const outcome = await this.chain.acceptBlock(block)
    if (outcome.status === 'invalid') throw outcome.error
    return block
  }
}
