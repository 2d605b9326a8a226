/**
 * Frames waiting to be sent on a long-lived stream: bounded in number and bytes, taken in order.
 */
import { PeerError } from '../errors.ts'
import { Wake } from './wake.ts'

/** Most frames and bytes that may wait. */
export interface SendQueueLimits {
  readonly frames: number
  readonly bytes: number
}

interface Waiting {
  readonly frame: Uint8Array
  readonly taken: () => void
  readonly failed: (error: Error) => void
}

/** An asynchronous iterable over what is pushed into it; to be iterated once. */
export class SendQueue implements AsyncIterable<Uint8Array> {
  readonly #limits: SendQueueLimits
  readonly #waiting: Waiting[] = []
  #bytes = 0
  #closed = false
  #error: Error | undefined
  readonly #wake = new Wake()

  constructor(limits: SendQueueLimits) {
    this.#limits = limits
  }

  /**
   * Resolves when the frame has been handed to the stream.
   *
   * @throws {PeerError} `relay-queue-full`, `peer-closed`, or the error that ended the stream
   */
  push(frame: Uint8Array): Promise<void> {
    const refusal = this.#error ?? this.#refusal(frame)
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((taken, failed) => {
      this.#waiting.push({ frame, taken, failed })
      this.#bytes += frame.length
      this.#wake.signal()
    })
  }

  /** What is waiting is still sent, then the iteration ends. */
  close(): void {
    this.#closed = true
    this.#wake.signal()
  }

  /** What is waiting is dropped, and its senders get `error`. */
  fail(error: Error): void {
    this.#error ??= error
    this.#closed = true
    for (const { failed } of this.#waiting.splice(0)) failed(this.#error)
    this.#bytes = 0
    this.#wake.signal()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next !== undefined) yield* this.#handOver(next)
      else if (this.#closed) return
      else await this.#wake.wait()
    }
  }

  /** A stream that fails leaves the iteration here and calls {@link fail} afterwards: the frame waits for the reason. */
  *#handOver(next: Waiting): Generator<Uint8Array, void, void> {
    let complete = false
    try {
      yield next.frame
      complete = true
    } finally {
      if (complete) {
        this.#bytes -= next.frame.length
        next.taken()
      } else if (this.#error === undefined) this.#waiting.unshift(next)
      else next.failed(this.#error)
    }
  }

  #refusal(frame: Uint8Array): PeerError | undefined {
    if (this.#closed) return new PeerError('peer-closed', 'The stream is closed.')
    if (this.#waiting.length < this.#limits.frames && this.#bytes + frame.length <= this.#limits.bytes) {
      return undefined
    }
    return new PeerError('relay-queue-full', 'The peer takes messages more slowly than they arise.')
  }
}
