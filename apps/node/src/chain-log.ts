/**
 * Tells the log how the chain goes on: new tips while the node is synced, progress while it syncs.
 *
 * Not for coming into another state (`state-log.ts`), nor for blocks mined here (`mining/miner.ts`).
 */
import type { Logger } from './logger.ts'
import type { NodeStatus } from './node-status.ts'

/** What is looked at. */
export interface ChainFacts extends Pick<NodeStatus, 'state' | 'height' | 'headers' | 'bestHash' | 'peers'> {
  /** Transactions of the best block. */
  readonly transactions: number
}

/** Seconds. */
const times = {
  /** Between two looks. */
  look: 1,
  /** From one new tip in the log to the next, at least. */
  tip: 5,
  /** From one line about progress to the next. */
  progress: 10,
} as const

/** A chain that grew to `height` by `time`. */
interface Mark {
  readonly time: number
  readonly height: number
}

/** Decides at each look whether there is something to tell. */
export class ChainLog {
  readonly #read: () => ChainFacts
  readonly #log: Logger
  readonly #now: () => number
  /** The tip that the log knows, and since when. */
  #tip: (Mark & { readonly hash: string }) | undefined
  /** Where progress is counted from; `undefined` while the node does not sync. */
  #progress: Mark | undefined

  /** @param now - seconds, never going back */
  constructor(read: () => ChainFacts, log: Logger, now: () => number) {
    this.#read = read
    this.#log = log
    this.#now = now
  }

  /** Looks, and logs at most one line. */
  look(): void {
    const facts = this.#read()
    if (facts.state === 'syncing') {
      this.#followSync(facts)
    } else {
      this.#progress = undefined
      if (facts.state === 'synced') this.#followTip(facts)
    }
  }

  /** The first tip is no news: that the node is synced there was said. */
  #followTip({ height, bestHash: hash, transactions, peers }: ChainFacts): void {
    const time = this.#now()
    const last = this.#tip
    if (last === undefined) {
      this.#tip = { time: time - times.tip, height, hash }
    } else if (hash !== last.hash && time - last.time >= times.tip) {
      const blocks = height - last.height
      this.#log.info({ height, hash, transactions, peers, ...(blocks > 1 ? { blocks } : {}) }, 'A new tip')
      this.#tip = { time, height, hash }
    }
  }

  #followSync({ height, headers, peers }: ChainFacts): void {
    const time = this.#now()
    this.#progress ??= { time, height }
    const seconds = time - this.#progress.time
    if (seconds < times.progress) return
    const rate = (height - this.#progress.height) / seconds
    const blocksPerSecond = Number(rate.toPrecision(3))
    const secondsLeft = rate > 0 ? { secondsLeft: Math.ceil((headers - height) / rate) } : {}
    this.#log.info({ height, headers, blocksPerSecond, ...secondsLeft, peers }, 'Syncing')
    this.#progress = { time, height }
    this.#tip = undefined
  }
}

/** Looks every second; returns what ends it. */
export function logChain(read: () => ChainFacts, log: Logger): () => void {
  const chainLog = new ChainLog(read, log, () => performance.now() / 1_000)
  const timer = setInterval(() => chainLog.look(), times.look * 1_000)
  return () => clearInterval(timer)
}
