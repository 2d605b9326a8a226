/**
 * A relay stream over a simulated connection: what `protocols/relay.ts` is over libp2p.
 */
import {
  decodeRelayMessage,
  encodeRelayMessage,
  frameLimits,
  type KnownRelayMessage,
  type RelayMessage,
  relayQueueBytes,
  relayQueueMessages,
} from '@chain/wire'
import { PeerError, toPeerError } from '../errors.ts'
import type { RelayLink } from '../relay/relay-peer.ts'
import { SendQueue } from '../streams/send-queue.ts'
import type { SimulatedConnection } from './connection.ts'
import { FrameStream } from './frame-stream.ts'
import { negotiationBytes } from './request-frames.ts'

const protocol = 'relay/1'

/** Opens the relay stream of a connection: both sides get their end when they have agreed on the protocol. */
export function openSimulatedRelay(connection: SimulatedConnection): void {
  const { dialler, listener } = connection
  const [forth, back] = [connection.lane(dialler, protocol), connection.lane(listener, protocol)]
  forth.carry(negotiationBytes, () => {
    const [there, here] = [new FrameStream(forth, back), new FrameStream(back, forth)]
    listener.onRelay(connection, new SimulatedRelayLink(here, there))
    back.carry(negotiationBytes, () => dialler.onRelay(connection, new SimulatedRelayLink(there, here)))
  })
}

/** One end of a relay stream. */
export class SimulatedRelayLink implements RelayLink {
  readonly messages: AsyncGenerator<RelayMessage, void, void>
  readonly #queue = new SendQueue({ frames: relayQueueMessages, bytes: relayQueueBytes })
  readonly #outgoing: FrameStream
  readonly #incoming: FrameStream

  constructor(outgoing: FrameStream, incoming: FrameStream) {
    this.#outgoing = outgoing
    this.#incoming = incoming
    this.messages = this.#receive()
    void this.#pump()
  }

  async send(message: KnownRelayMessage): Promise<void> {
    try {
      await this.#queue.push(encodeRelayMessage(message))
    } catch (error) {
      if (error instanceof PeerError && error.code === 'relay-queue-full') this.#abort(error)
      throw error
    }
  }

  close(): Promise<void> {
    this.#queue.close()
    return Promise.resolve()
  }

  async #pump(): Promise<void> {
    try {
      for await (const frame of this.#queue) await this.#outgoing.send(frame)
      this.#outgoing.end()
    } catch (error) {
      this.#queue.fail(toPeerError(error))
    }
  }

  async *#receive(): AsyncGenerator<RelayMessage, void, void> {
    let isOver = false
    try {
      for await (const frame of this.#incoming) yield decodeRelayMessage(checkLength(frame))
      isOver = true
      this.#queue.close()
    } finally {
      if (!isOver) this.#abort(new PeerError('cancelled', 'The relay stream is not read any more.'))
    }
  }

  #abort(error: PeerError): void {
    this.#queue.fail(error)
    this.#outgoing.resetBySender(error)
    this.#incoming.resetByReceiver(error)
  }
}

function checkLength(frame: Uint8Array): Uint8Array {
  if (frame.length <= frameLimits.RelayMessage) return frame
  throw new PeerError('frame-too-large', 'A frame of the peer is longer than allowed.')
}
