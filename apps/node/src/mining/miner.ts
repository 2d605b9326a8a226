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
import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bytes } from '@chain/core/bytes'
import type { BlockNode, ChainManager } from '@chain/core/chain'
import { ChainError, OperationalError } from '@chain/core/errors'
import type { Mempool } from '@chain/core/mempool'
import { createBlockTemplate } from '@chain/core/mining'
import { type Block, type BlockHash, formatHash } from '@chain/core/primitives'
import { formatAddress } from '@chain/core/script'
import type { UnixTime } from '@chain/core/units'
import { miningFailed, miningInterrupted } from '../errors.ts'
import { followAbort } from '../follow-abort.ts'
import type { Logger } from '../logger.ts'
import { STALL_TIME } from '../state.ts'
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
  /** Whom blocks pay while it mines on and on. */
  readonly address?: string
  readonly threads: number
  /** Of the last search that took long enough to tell. */
  readonly hashesPerSecond: number
  /** Blocks found since the start of the node that became part of the active chain. */
  readonly blocksFound: number
}

/** Mining on and on. */
interface EndlessRun {
  readonly script: Bytes
  readonly controller: AbortController
  readonly done: Promise<void>
}

export class Miner {
  readonly #modules: MinerModules
  readonly #life = new AbortController()
  #threads: NonceThreads | undefined
  /** Watches over the template that is searched now. */
  #renewal: Renewal | undefined
  #endless: EndlessRun | undefined
  /** The end of a chain whose blocks did not come. */
  #givenUp: BlockNode | undefined
  /** Calls of {@link Miner.generate} under way. */
  #urgent = 0
  #turn: Promise<unknown> = Promise.resolve()
  // Random, so that two miners of one address do not search the same blocks.
  #extraNonce = randomInt(2 ** 32)
  #hashesPerSecond = 0
  #blocksFound = 0

  constructor(modules: MinerModules) {
    this.#modules = modules
    // One listener for each call of generate that waits: as many as there are RPC clients.
    setMaxListeners(0, this.#life.signal)
  }

  get status(): MinerStatus {
    const { chain, threads } = this.#modules
    const script = this.#endless?.script
    const address = script === undefined ? undefined : formatAddress(script, chain.spec.addressPrefix)
    return {
      active: script !== undefined,
      ...(address === undefined ? {} : { address }),
      threads,
      hashesPerSecond: this.#hashesPerSecond,
      blocksFound: this.#blocksFound,
    }
  }

  /** Mines on and on, with blocks that pay `script`, until {@link Miner.halt}, another start or the end. */
  start(script: Bytes): void {
    if (this.#life.signal.aborted) return
    this.#endless?.controller.abort()
    const controller = new AbortController()
    this.#endless = { script, controller, done: this.#mineOn(script, controller.signal) }
  }

  /** Ends mining on and on; the search under way is over when this resolves. */
  async halt(): Promise<void> {
    const run = this.#endless
    this.#endless = undefined
    run?.controller.abort()
    await run?.done
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
    await this.halt()
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
    const controller = new AbortController()
    const unfollow = followAbort(controller, signal, this.#life.signal)
    const hashes: BlockHash[] = []
    try {
      while (hashes.length < count) {
        const node = await this.#attempt(script, controller.signal)
        if (node !== undefined) hashes.push(node.hash)
        else if (controller.signal.aborted) throw miningInterrupted(hashes.length, count)
      }
      return hashes
    } finally {
      unfollow()
    }
  }

  async #mineOn(script: Bytes, signal: AbortSignal): Promise<void> {
    const { chain, log } = this.#modules
    const easy = chain.spec.consensus.difficulty.algorithm === 'none'
    let told: string | undefined
    while (!signal.aborted) {
      await this.#catchUp(signal)
      try {
        const node = await this.#inTurn(async () =>
          this.#urgent > 0 ? undefined : await this.#attempt(script, signal),
        )
        told = undefined
        if (node !== undefined && easy) await pause(EASY_INTERVAL, signal)
      } catch (error) {
        // The same again and again, such as a clock that is behind its chain, is told once.
        const reason = reasonCode(error)
        if (reason === told) log.debug({ err: error }, 'Mining failed again')
        else log.error({ err: error }, 'Mining failed, trying again')
        told = reason
        await pause(PAUSE, signal)
      }
    }
  }

  /** Waits while blocks of a better chain arrive; not for ever, because their headers may be all there is. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    const { chain } = this.#modules
    let { tip } = chain
    let since = performance.now()
    while (!signal.aborted && chain.bestHeader.chainWork > chain.tip.chainWork) {
      if (this.#givenUp === chain.bestHeader) return
      if (performance.now() - since > this.#patience) this.#givenUp = chain.bestHeader
      await pause(PAUSE, signal)
      if (chain.tip !== tip) since = performance.now()
      tip = chain.tip
    }
  }

  /**
   * Milliseconds that missing blocks are waited for: half the time that mining them took, so that nobody can hold up others
   * with headers for longer than by mining against them.
   */
  get #patience(): number {
    const { bestHeader, tip, spec } = this.#modules.chain
    const missing = Math.max(1, bestHeader.height - tip.height)
    return Math.min(STALL_TIME, missing * spec.consensus.spacing * 500)
  }

  /** Searches one template. The block, or `undefined` when the template was given up or another block was faster. */
  async #attempt(script: Bytes, signal: AbortSignal): Promise<BlockNode | undefined> {
    const { chain, mempool } = this.#modules
    const renewal = new Renewal(chain, mempool, signal)
    this.#renewal = renewal
    try {
      const template = this.#createTemplate(script)
      const nonce = await this.#search(template, renewal.signal)
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
    if (signal.aborted) return undefined
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
}

/** What was wrong, without the numbers that differ each time. */
function reasonCode(error: unknown): string {
  const reason = error instanceof OperationalError ? (error.cause ?? error) : error
  return reason instanceof ChainError ? reason.code : String(reason)
}

/** Waits, but not beyond an abort. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined)
}

function withNonce({ header, transactions }: Block, nonce: number): Block {
  return { header: { ...header, nonce }, transactions }
}
