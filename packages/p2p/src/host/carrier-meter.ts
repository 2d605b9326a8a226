/**
 * Measures what carries the encrypted bytes of a connection: messages of a socket that hold next to nothing, and bytes from which nothing comes
 * when they are decrypted. Nobody counts those above, where the multiplexer is measured.
 *
 * Not for the frames of the multiplexer (`connection-meter.ts`), nor for the hand-shake, which has little time.
 *
 * Source: docs/protocol/peers.md#pace
 */
import type { MessageStream, StreamMessageEvent } from '@libp2p/interface'
import { Allowances } from '../allowances.ts'
import { PeerError } from '../errors.ts'
import { connectionLimits } from './connection-limits.ts'
import { carrierOf } from './encryption.ts'

/**
 * Ends an encrypted connection that costs more than what comes out of it. To be called just before a multiplexer listens to it, since what
 * waits there goes to the first who listen.
 */
export function watchCarrier(connection: MessageStream): void {
  const carrier = carrierOf(connection)
  if (carrier === undefined) return
  const meter = new CarrierMeter()
  carrier.addEventListener('message', ({ data }: StreamMessageEvent) => {
    if (meter.take(data.byteLength, performance.now())) return
    connection.abort(
      new PeerError('peer-excess', 'The peer sends next to nothing in very many bytes or messages.'),
    )
  })
  connection.addEventListener('message', ({ data }: StreamMessageEvent) => meter.give(data.byteLength))
}

/** Counts for one connection. Pure: the clock is handed in. */
export class CarrierMeter {
  readonly #messages = new Allowances({
    burst: connectionLimits.messageBurst,
    perSecond: connectionLimits.messagesPerSecond,
  })
  /** Bytes that came, without so many times those that came out of them. */
  #surplus = 0

  /** A message came; says whether it may have. A large one makes up for small ones. @param now - milliseconds, never going back */
  take(bytes: number, now: number): boolean {
    this.#surplus += bytes
    const milliseconds = this.#messages.take('', 1 - bytes / connectionLimits.freeFrameBytes, now)
    return milliseconds === 0 && this.#surplus <= connectionLimits.surplusBytes
  }

  /** So many bytes came out of what came. */
  give(bytes: number): void {
    this.#surplus = Math.max(0, this.#surplus - connectionLimits.expansion * bytes)
  }
}
