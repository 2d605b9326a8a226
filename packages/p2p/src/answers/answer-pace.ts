/**
 * How fast each peer is answered: requests, and what an answer costs this node.
 *
 * A request beyond it is not read, headers are not sent, a block, a filter or a proof is not looked up and a transaction not
 * judged before it is due; meanwhile the peer's few streams hold it back. Nobody loses points: an honest peer on a fast line
 * asks as fast as it is answered.
 *
 * Source: docs/protocol/peers.md#pace
 */
import { Allowances } from '../allowances.ts'
import type { Clock } from '../clock.ts'

/** Tokens of one peer that are there at once, and that come back in a second; `docs/limits.md` mirrors them. */
export const answerLimits = {
  /** Requests of all protocols that are answered, together. */
  requestBurst: 1_000,
  requestsPerSecond: 200,
  headerBurst: 200_000,
  headersPerSecond: 20_000,
  blockBurst: 5_000,
  blocksPerSecond: 1_000,
  submitBurst: 200,
  submitsPerSecond: 20,
  /** Filters that are read, be it for filter headers or for themselves. */
  filterBurst: 50_000,
  filtersPerSecond: 5_000,
  proofBurst: 200,
  proofsPerSecond: 20,
  /** Bytes of filters and of blocks that are read for filter headers, filters and proofs. */
  lightByteBurst: 64_000_000,
  lightBytesPerSecond: 8_000_000,
} as const

/** What is counted. */
export type AnswerKind = 'request' | 'header' | 'block' | 'submit' | 'filter' | 'proof' | 'light-byte'

/** Holds answers back. */
export class AnswerPace {
  readonly #allowances: Readonly<Record<AnswerKind, Allowances>>
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
    const limits = answerLimits
    this.#allowances = {
      request: bucket(limits.requestBurst, limits.requestsPerSecond),
      header: bucket(limits.headerBurst, limits.headersPerSecond),
      block: bucket(limits.blockBurst, limits.blocksPerSecond),
      submit: bucket(limits.submitBurst, limits.submitsPerSecond),
      filter: bucket(limits.filterBurst, limits.filtersPerSecond),
      proof: bucket(limits.proofBurst, limits.proofsPerSecond),
      'light-byte': bucket(limits.lightByteBurst, limits.lightBytesPerSecond),
    }
  }

  /** Resolves when the peer may have `count` more: at once, unless it was faster than allowed. 0 waits for debts alone. */
  async wait(peer: string, kind: AnswerKind, count = 1): Promise<void> {
    const milliseconds = this.#allowances[kind].take(peer, count, this.#clock.now())
    if (milliseconds === 0) return
    await new Promise<void>((resolve) => this.#clock.setTimer(milliseconds, resolve))
  }

  /** Counts what the peer has had already, since it was not known before how much it would be: the next wait is for it. */
  charge(peer: string, kind: AnswerKind, count: number): void {
    this.#allowances[kind].take(peer, count, this.#clock.now())
  }
}

function bucket(burst: number, perSecond: number): Allowances {
  return new Allowances({ burst, perSecond })
}
