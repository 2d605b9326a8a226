/**
 * Relay links inside one process, through the bytes of their messages.
 */
import {
  decodeRelayMessage,
  encodeRelayMessage,
  type KnownRelayMessage,
  type RelayMessage,
} from '@chain/wire'
import type { RelayLink } from '../../src/relay/relay-peer.ts'
import { SendQueue } from '../../src/streams/send-queue.ts'

/** One end of a link; keeps what was sent into it. */
export class MemoryLink implements RelayLink {
  readonly sent: KnownRelayMessage[] = []
  readonly messages: AsyncGenerator<RelayMessage, void, void>
  readonly #out: SendQueue
  readonly #in: SendQueue

  constructor(incoming: SendQueue, outgoing: SendQueue) {
    this.#in = incoming
    this.#out = outgoing
    this.messages = this.#receive()
  }

  async send(message: KnownRelayMessage): Promise<void> {
    this.sent.push(message)
    await this.#out.push(encodeRelayMessage(message))
  }

  close(): Promise<void> {
    this.#out.close()
    this.#in.close()
    return Promise.resolve()
  }

  async *#receive(): AsyncGenerator<RelayMessage, void, void> {
    for await (const bytes of this.#in) yield decodeRelayMessage(bytes)
    this.#out.close()
  }
}

/** The two ends of a link. */
export function linkPair(): [MemoryLink, MemoryLink] {
  const limits = { frames: 100_000, bytes: 100_000_000 }
  const [there, back] = [new SendQueue(limits), new SendQueue(limits)]
  return [new MemoryLink(back, there), new MemoryLink(there, back)]
}
