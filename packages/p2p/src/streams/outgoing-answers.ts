/**
 * What waits to be taken by those who asked: the frames of all answers of a node, bounded together.
 *
 * A peer that asks and does not read holds memory until its time is up; many of them would hold all of it. When it gets too
 * much, the answer that has waited longest to be taken gives way: that of a peer that reads is gone by then.
 *
 * Not for the pace of answers (`answers/answer-pace.ts`), nor for one stream's own queue (`send-queue.ts`).
 *
 * Source: docs/protocol/peers.md#exchanges
 */
import type { Libp2p } from '@libp2p/interface'
import { PeerError } from '../errors.ts'

/** Bytes of answers that wait to be taken, of all peers; `docs/limits.md` mirrors it. */
export const outgoingLimits = { answerBytes: 33_554_432 } as const

interface Waiting {
  readonly bytes: number
  readonly abort: (reason: Error) => void
}

const answersByHost = new WeakMap<Libp2p, OutgoingAnswers>()

/** The answers of a host. */
export function outgoingAnswers(host: Libp2p): OutgoingAnswers {
  const answers = answersByHost.get(host) ?? new OutgoingAnswers()
  answersByHost.set(host, answers)
  return answers
}

/** Bound: `outgoingLimits.answerBytes`, and the newest frame whatever its size. */
export class OutgoingAnswers {
  readonly #limit: number
  /** The one that has waited longest first. */
  readonly #waiting = new Set<Waiting>()
  #bytes = 0

  /** `limit` is in bytes. */
  constructor(limit: number = outgoingLimits.answerBytes) {
    this.#limit = limit
  }

  /**
   * Counts a frame until the function that is returned is called, which may happen more than once. `abort` ends the
   * exchange that the frame belongs to, and is called at most once.
   */
  hold(bytes: number, abort: (reason: Error) => void): () => void {
    const frame: Waiting = { bytes, abort }
    this.#waiting.add(frame)
    this.#bytes += bytes
    for (const other of this.#waiting) {
      if (this.#bytes <= this.#limit || other === frame) break
      this.#release(other)
      other.abort(new PeerError('peer-stalled', 'The peer took its answer later than everybody else.'))
    }
    return () => this.#release(frame)
  }

  #release(frame: Waiting): void {
    if (this.#waiting.delete(frame)) this.#bytes -= frame.bytes
  }
}
