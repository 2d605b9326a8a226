/**
 * Answers to one peer, made and sent one after the other, each when the stream has taken the one before: what a peer asks for
 * takes memory only while it is being sent.
 *
 * They are sent by a task of their own and never by whoever reads the peer's messages: two peers that both send much would
 * wait for each other otherwise.
 *
 * Not bounded by itself: who adds to it looks at its length first.
 */
import type { KnownRelayMessage } from '@chain/wire'

/** Makes an answer when its turn has come, or `undefined` when there is none any more. */
export type MakeReply = () => KnownRelayMessage | undefined

/** The answers that wait. */
export class ReplyQueue {
  readonly #send: (message: KnownRelayMessage) => Promise<void>
  readonly #waiting: MakeReply[] = []
  #isRunning = false

  /** @param send - resolves when the message has been taken; never rejects */
  constructor(send: (message: KnownRelayMessage) => Promise<void>) {
    this.#send = send
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.length
  }

  /** Adds an answer. */
  push(make: MakeReply): void {
    this.#waiting.push(make)
    if (!this.#isRunning) void this.#run()
  }

  /** Drops what waits. */
  clear(): void {
    this.#waiting.length = 0
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let make = this.#waiting.shift(); make !== undefined; make = this.#waiting.shift()) {
      const reply = make()
      if (reply !== undefined) await this.#send(reply)
    }
    this.#isRunning = false
  }
}
