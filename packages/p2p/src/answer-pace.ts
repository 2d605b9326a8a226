/**
 * How fast each peer is answered: requests, and what an answer costs this node.
 *
 * A request beyond it is not read, headers are not sent, a block is not looked up and a transaction not judged before it is
 * due; meanwhile the peer's few streams hold it back. Nobody loses points: an honest peer on a fast line asks as fast as it
 * is answered.
 *
 * Source: docs/protocol/peers.md#pace
 */
import { Allowances } from './allowances.ts'
import type { Clock } from './clock.ts'

/** Tokens of one peer that are there at once, and that come back in a second; `docs/limits.md` mirrors them. */
export const answerLimits = {
  /** Requests of `headers/1`, `blocks/1` and `submit/1` together. */
  requestBurst: 1_000,
  requestsPerSecond: 200,
  headerBurst: 200_000,
  headersPerSecond: 20_000,
  blockBurst: 5_000,
  blocksPerSecond: 1_000,
  submitBurst: 200,
  submitsPerSecond: 20,
} as const

/** What is counted. */
export type AnswerKind = 'request' | 'header' | 'block' | 'submit'

/** Holds answers back. */
export class AnswerPace {
  readonly #allowances: Readonly<Record<AnswerKind, Allowances>>
  readonly #clock: Clock

  constructor(clock: Clock) {
    const { requestBurst, headerBurst, blockBurst, submitBurst } = answerLimits
    const { requestsPerSecond, headersPerSecond, blocksPerSecond, submitsPerSecond } = answerLimits
    this.#clock = clock
    this.#allowances = {
      request: new Allowances({ burst: requestBurst, perSecond: requestsPerSecond }),
      header: new Allowances({ burst: headerBurst, perSecond: headersPerSecond }),
      block: new Allowances({ burst: blockBurst, perSecond: blocksPerSecond }),
      submit: new Allowances({ burst: submitBurst, perSecond: submitsPerSecond }),
    }
  }

  /** Resolves when the peer may have `count` more: at once, unless it was faster than allowed. */
  async wait(peer: string, kind: AnswerKind, count = 1): Promise<void> {
    const milliseconds = this.#allowances[kind].take(peer, count, this.#clock.now())
    if (milliseconds === 0) return
    await new Promise<void>((resolve) => this.#clock.setTimer(milliseconds, resolve))
  }
}
