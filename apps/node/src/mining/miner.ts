/**
 * The miner of a node: makes block templates, has threads search the nonce, and hands the block to the chain manager,
 * whose events make the network announce it.
 *
 * It mines on and on ({@link Miner.start}), or a number of blocks at once ({@link Miner.generate}); the second goes
 * first. Not for pools or external miners.
 *
 * Source: docs/protocol/mining.md
 */
import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bytes } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import type { Mempool } from '@chain/core/mempool'
import { createBlockTemplate } from '@chain/core/mining'
import { type Block, type BlockHash, formatHash } from '@chain/core/primitives'
import type { UnixTime } from '@chain/core/units'
import { miningFailed, miningInterrupted } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { NonceThreads } from './nonce-threads.ts'
import { Renewal } from './renewal.ts'

/** Milliseconds between two blocks of endless mining where the difficulty never rises. */
const EASY_INTERVAL = 1_000

/** Milliseconds to wait before mining goes on after a failure, or while the node is behind. */
const PAUSE = 1_000

/** What a miner works with. */
export interface MinerModules {
  readonly chain: ChainManager
  readonly mempool: Mempool
  /** The time now, in Unix seconds. */
  readonly clock: () => UnixTime
  /** Threads that search, 1 to 256. They start with the first search. */
  readonly threads: number
  readonly log: Logger
}

/** What a miner is doing. */
export interface MinerStatus {
  /** Whether it mines on and on. */
  readonly active: boolean
  readonly threads: number
  /** Of the last search that took long enough to tell. */
  readonly hashesPerSecond: number
  /** Blocks found since the start of the node that became part of the active chain. */
  readonly blocksFound: number
}

export class Miner {
  readonly #modules: MinerModules
  readonly #life = new AbortController()
  #threads: NonceThreads | undefined
  /** Watches over the template that is searched now. */
  #renewal: Renewal | undefined
  #endless: Promise<void> | undefined
  /** Calls of {@link Miner.generate} under way. */
  #urgent = 0
  #turn: Promise<unknown> = Promise.resolve()
  // Random, so that two miners of one address do not search the same blocks.
  #extraNonce = randomInt(2 ** 32)
  #hashesPerSecond = 0
  #blocksFound = 0

  constructor(modules: MinerModules) {
    this.#modules = modules
  }

  get status(): MinerStatus {
    return {
      active: this.#endless !== undefined,
      threads: this.#modules.threads,
      hashesPerSecond: this.#hashesPerSecond,
      blocksFound: this.#blocksFound,
    }
  }

  /**
   * Mines on and on until {@link Miner.close}; a second call does nothing.
   *
   * @param script - whom the blocks pay
   * @param isReady - whether the node is far enough for a block of its own to make sense; asked before each template
   */
  start(script: Bytes, isReady: () => boolean): void {
    this.#endless ??= this.#mineOn(script, isReady)
  }

  /**
   * Mines blocks now, one on the other, and returns their hashes. Endless mining waits meanwhile.
   *
   * @throws {OperationalError} `mining-failed`, `mining-interrupted`, `mining-thread-failed`
   */
  async generate(count: number, script: Bytes, signal: AbortSignal): Promise<BlockHash[]> {
    this.#urgent += 1
    this.#renewal?.now()
    try {
      return await this.#inTurn(() => this.#generate(count, script, signal))
    } finally {
      this.#urgent -= 1
    }
  }

  /** Ends all mining; its threads are gone when this resolves. */
  async close(): Promise<void> {
    this.#life.abort()
    await this.#endless
    await this.#turn
    await this.#threads?.close()
  }

  /** Runs tasks one after the other: the threads share one search. */
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #generate(count: number, script: Bytes, signal: AbortSignal): Promise<BlockHash[]> {
    const ended = AbortSignal.any([signal, this.#life.signal])
    const hashes: BlockHash[] = []
    while (hashes.length < count) {
      const node = await this.#attempt(script, ended)
      if (node !== undefined) hashes.push(node.hash)
      else if (ended.aborted) throw miningInterrupted(hashes.length, count)
    }
    return hashes
  }

  async #mineOn(script: Bytes, isReady: () => boolean): Promise<void> {
    const { signal } = this.#life
    const easy = this.#modules.chain.spec.consensus.difficulty.algorithm === 'none'
    while (!signal.aborted) {
      if (!isReady()) {
        await this.#pause(PAUSE)
        continue
      }
      try {
        const node = await this.#inTurn(async () =>
          this.#urgent > 0 ? undefined : await this.#attempt(script, signal),
        )
        if (node !== undefined && easy) await this.#pause(EASY_INTERVAL)
      } catch (error) {
        this.#modules.log.error({ err: error }, 'Mining failed, trying again')
        await this.#pause(PAUSE)
      }
    }
  }

  /** Searches one template. The block, or `undefined` when the template was given up or another block was faster. */
  async #attempt(script: Bytes, signal: AbortSignal): Promise<BlockNode | undefined> {
    const { chain, mempool } = this.#modules
    const renewal = new Renewal(chain, mempool)
    this.#renewal = renewal
    try {
      const template = this.#createTemplate(script)
      const nonce = await this.#search(template, AbortSignal.any([signal, renewal.signal]))
      return nonce === undefined ? undefined : await this.#submit(withNonce(template, nonce))
    } finally {
      renewal.end()
    }
  }

  #createTemplate(script: Bytes): Block {
    const { chain, mempool, clock } = this.#modules
    this.#extraNonce = (this.#extraNonce + 1) % 2 ** 32
    return createBlockTemplate({
      params: chain.spec.consensus,
      parent: chain.tip,
      entries: mempool.entries(),
      script,
      now: clock(),
      extraNonce: this.#extraNonce,
    })
  }

  async #search({ header }: Block, signal: AbortSignal): Promise<number | undefined> {
    this.#threads ??= new NonceThreads(this.#modules.threads)
    const start = performance.now()
    const before = this.#threads.hashes
    const nonce = await this.#threads.search(header, signal)
    const seconds = (performance.now() - start) / 1_000
    if (seconds > 1) this.#hashesPerSecond = Math.round((this.#threads.hashes - before) / seconds)
    return nonce
  }

  async #submit(block: Block): Promise<BlockNode | undefined> {
    const { chain, log } = this.#modules
    const outcome = await chain.acceptBlock(block)
    if (outcome.status === 'invalid') throw miningFailed(outcome.error.message, outcome.error)
    if (outcome.status !== 'connected') {
      log.info({ status: outcome.status }, 'A block mined here came too late')
      return undefined
    }
    const { height, hash } = outcome.node
    this.#blocksFound += 1
    log.info({ height, hash: formatHash(hash), transactions: block.transactions.length }, 'Mined a block')
    return outcome.node
  }

  /** Waits, but not beyond the end of the miner. */
  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#life.signal }).catch(() => undefined)
  }
}

function withNonce({ header, transactions }: Block, nonce: number): Block {
  return { header: { ...header, nonce }, transactions }
}
