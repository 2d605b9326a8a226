/**
 * `relay/1`: one long-lived stream per connection, opened by the side that dialled it, on which both sides tell each
 * other about transactions and blocks as they come.
 *
 * Not for what to tell or to ask (`relay/`).
 *
 * Source: docs/protocol/peers.md#relay
 */
import {
  decodeRelayMessage,
  encodeRelayMessage,
  frameLimits,
  type KnownRelayMessage,
  protocolId,
  type RelayMessage,
  relayQueueBytes,
  relayQueueMessages,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { Allowances } from '../allowances.ts'
import { PeerError, toPeerError } from '../errors.ts'
import { connectionLimits } from '../host/connection-limits.ts'
import { Deadline } from '../streams/deadline.ts'
import { type FaultListener, openStream } from '../streams/exchange.ts'
import { decodeFrames, encodeFrames } from '../streams/frames.ts'
import { SendQueue } from '../streams/send-queue.ts'
import { type StreamDuplex, streamDuplex } from '../streams/stream-duplex.ts'

/** What a caller may change about a relay stream. */
export interface RelayOptions {
  /** Closes the channel. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds after which a peer that takes none of our messages is given up. */
  readonly writeTimeout?: number | undefined
}

/** Told about each channel that a peer opens. */
export type RelayListener = (channel: RelayChannel) => void

/** What a node may change about how it answers. */
export interface RelayServeOptions extends RelayOptions {
  /** Told about streams that were refused. */
  readonly onFault?: FaultListener | undefined
}

/** Accepts `relay/1` on connections that peers have dialled. */
export async function handleRelay(
  host: Libp2p,
  specId: string,
  onChannel: RelayListener,
  options: RelayServeOptions = {},
): Promise<void> {
  const accept = (stream: Stream, connection: Connection): void => {
    if (connection.direction === 'inbound') {
      onChannel(new RelayChannel(connection, stream, options))
      return
    }
    const error = new PeerError('frame-unexpected', 'The peer opened a relay stream that is ours to open.')
    stream.abort(error)
    options.onFault?.(connection.remotePeer, error)
  }
  await host.handle(protocolId(specId, 'relay/1'), accept, {
    maxInboundStreams: streamLimits.relay.inbound,
    maxOutboundStreams: streamLimits.relay.outbound,
  })
}

/**
 * Opens the relay stream of a connection that this node has dialled.
 *
 * @throws {PeerError} when the stream cannot be opened
 */
export async function openRelay(
  connection: Connection,
  specId: string,
  options: RelayOptions = {},
): Promise<RelayChannel> {
  const deadline = new Deadline(timeLimits.open, options.signal)
  try {
    const protocol = protocolId(specId, 'relay/1')
    const stream = await openStream(connection, protocol, streamLimits.relay.outbound, deadline.signal)
    return new RelayChannel(connection, stream, options)
  } finally {
    deadline.dispose()
  }
}

/** The relay stream to one peer. */
export class RelayChannel {
  readonly connection: Connection
  /**
   * What the peer says, in order; to be iterated once. It is held back while a message is being dealt with.
   *
   * Ends when the peer closes its side, and then so does the channel. Throws a {@link PeerError} or `WireError` when the
   * stream fails or carries garbage; the channel is closed then, as it is when the iteration is left early.
   */
  readonly messages: AsyncGenerator<RelayMessage, void, void>
  /** Resolves when the stream is over: with the reason, unless both sides closed it in peace. */
  readonly closed: Promise<Error | undefined>
  readonly #queue: SendQueue
  readonly #duplex: StreamDuplex

  constructor(connection: Connection, stream: Stream, options: RelayOptions = {}) {
    this.connection = connection
    this.#queue = new SendQueue({ frames: relayQueueMessages, bytes: relayQueueBytes })
    this.#duplex = streamDuplex(stream, { writeTimeout: options.writeTimeout ?? timeLimits.write })
    this.closed = this.#end(stream, options.signal)
    this.messages = this.#receive()
    pipe(this.#queue, encodeFrames, this.#duplex).catch((error: Error) => this.#queue.fail(error))
  }

  /** Who is at the other end. */
  get peer(): PeerId {
    return this.connection.remotePeer
  }

  /**
   * Queues a message; resolves when it has been handed to the stream.
   *
   * @throws {PeerError} `relay-queue-full` (the channel is closed then), or the reason for which the channel is closed
   * @throws {WireError} when the message is out of its bounds
   */
  async send(message: KnownRelayMessage): Promise<void> {
    try {
      await this.#queue.push(encodeRelayMessage(message))
    } catch (error) {
      if (error instanceof PeerError && error.code === 'relay-queue-full') this.abort(error)
      throw error
    }
  }

  /** Sends what is queued, closes our side and waits for the peer to close its own, for a short while only. */
  async close(): Promise<void> {
    this.#queue.close()
    const late = new PeerError('peer-timed-out', 'The peer did not close its side of the relay stream.')
    const timer = setTimeout(() => this.abort(late), timeLimits.close)
    await this.closed
    clearTimeout(timer)
  }

  /** Ends both directions at once; what is queued is dropped. */
  abort(reason: Error): void {
    this.#queue.fail(reason)
    this.#duplex.abort(reason)
  }

  async *#receive(): AsyncGenerator<RelayMessage, void, void> {
    let reason: Error = new PeerError('cancelled', 'The relay stream is not read any more.')
    let ended = false
    try {
      const frames = pipe(this.#duplex.source, decodeFrames(frameLimits.RelayMessage), inPace)
      for await (const frame of frames) yield decodeRelayMessage(frame)
      ended = true
      this.#queue.close()
    } catch (error) {
      reason = toPeerError(error)
      throw reason
    } finally {
      if (!ended) this.abort(reason)
    }
  }

  /** A sender that waits for its turn does not notice by itself that the stream has closed. */
  #end(stream: Stream, signal: AbortSignal | undefined): Promise<Error | undefined> {
    return new Promise((resolve) => {
      const onAbort = (): void => this.abort(new PeerError('cancelled', 'The relay stream was closed.'))
      const onClose = (cause?: Error): void => {
        const reason = cause === undefined ? undefined : toPeerError(cause)
        signal?.removeEventListener('abort', onAbort)
        this.#queue.fail(reason ?? new PeerError('peer-closed', 'The stream is closed.'))
        resolve(reason)
      }
      stream.addEventListener('close', ({ error }) => onClose(error), { once: true })
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted === true) onAbort()
      if (stream.status !== 'open') onClose(new PeerError('peer-reset', 'The peer reset the stream.'))
    })
  }
}

/**
 * Frames as fast as a peer may send what is not asked for. The meter of the connection does not count a stream that this
 * node has opened, and on this one both sides speak.
 */
async function* inPace(frames: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const { byteBurst, bytesPerSecond } = connectionLimits
  const bytes = new Allowances({ burst: byteBurst, perSecond: bytesPerSecond })
  for await (const frame of frames) {
    const milliseconds = bytes.take('', frame.length, performance.now())
    if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds))
    yield frame
  }
}
