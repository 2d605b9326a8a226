/**
 * Measures what a peer sends on a connection, below all protocols: the bytes, frames and streams that nobody asked for.
 *
 * A peer that sends more than it may is not read until it is due, so that its own socket holds it back; one that goes on
 * like this, that announces a frame beyond every window, or that asks without taking the answers loses the connection.
 * Data on open streams of this node is free, but for frames that carry next to nothing: it asked for it, and whoever asked
 * bounds it.
 *
 * Not for what is inside the streams (`streams/frames.ts`), nor for how fast requests are answered (`answers/answer-pace.ts`).
 *
 * Source: docs/protocol/peers.md#pace
 */
import type { MessageStream, StreamMessageEvent, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { Allowances } from '../allowances.ts'
import { PeerError } from '../errors.ts'
import { watchCarrier } from './carrier-meter.ts'
import { connectionLimits } from './connection-limits.ts'
import { type YamuxHeader, YamuxHeaderReader, yamuxOpenFlag, yamuxTypes } from './yamux-headers.ts'

/** The same multiplexer, fed by connections that are measured. */
export function meteredMuxer<Components>(
  create: (components: Components) => StreamMuxerFactory,
): (components: Components) => StreamMuxerFactory {
  return (components) => new MeteredMuxerFactory(create(components))
}

class MeteredMuxerFactory implements StreamMuxerFactory {
  readonly protocol: string
  readonly #inner: StreamMuxerFactory
  readonly #allowances = new ConnectionAllowances()

  constructor(inner: StreamMuxerFactory) {
    this.protocol = inner.protocol
    this.#inner = inner
  }

  /** The meter listens before the multiplexer does, and so hears of everything first. */
  createStreamMuxer(socket: MessageStream): StreamMuxer {
    const isOpen = (stream: number): boolean => muxer.streams.some(({ id }) => id === String(stream))
    watchCarrier(socket)
    new ConnectionMeter(socket, this.#allowances, isOpen).start()
    const muxer = this.#inner.createStreamMuxer(socket)
    return muxer
  }
}

/** What was received at once. */
interface Amounts {
  readonly bytes: number
  readonly frames: number
  readonly streams: number
}

/** What all connections of a host may send. */
export class ConnectionAllowances {
  readonly #bytes = new Allowances({
    burst: connectionLimits.byteBurst,
    perSecond: connectionLimits.bytesPerSecond,
  })
  readonly #frames = new Allowances({
    burst: connectionLimits.frameBurst,
    perSecond: connectionLimits.framesPerSecond,
  })
  readonly #streams = new Allowances({
    burst: connectionLimits.streamBurst,
    perSecond: connectionLimits.streamsPerSecond,
  })
  #connections = 0

  /** A name that no other connection has. */
  nextName(): string {
    this.#connections += 1
    return String(this.#connections)
  }

  /** Counts and returns for how many milliseconds the connection is not to be read. */
  take(name: string, { bytes, frames, streams }: Amounts, now: number): number {
    return Math.max(
      this.#bytes.take(name, bytes, now),
      this.#frames.take(name, frames, now),
      this.#streams.take(name, streams, now),
    )
  }
}

/** Measures one connection. */
export class ConnectionMeter {
  readonly #socket: MessageStream
  readonly #allowances: ConnectionAllowances
  readonly #isOpen: (stream: number) => boolean
  readonly #name: string
  readonly #headers = new YamuxHeaderReader((header) => this.#take(header))
  #bytes = 0
  #frames = 0
  #streams = 0
  /** Frames that call for an answer since the peer took the last of what it was sent. */
  #untaken = 0
  /** Since when the peer has wanted more than it may. */
  #excessSince: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** How long to hold back after `resume()`, which un-pauses the socket only after it has handed over what waited. */
  #holdAfterResume: number | undefined

  /**
   * @param socket - carries the frames of Yamux
   * @param allowances - those of the whole host
   * @param isOpen - whether the stream with a number is open
   */
  constructor(socket: MessageStream, allowances: ConnectionAllowances, isOpen: (stream: number) => boolean) {
    this.#socket = socket
    this.#allowances = allowances
    this.#isOpen = isOpen
    this.#name = allowances.nextName()
  }

  /** Measures from now on, until the connection ends. */
  start(): void {
    this.#socket.addEventListener('message', this.#onMessage)
    this.#socket.addEventListener('close', () => {
      clearTimeout(this.#timer)
      this.#socket.removeEventListener('message', this.#onMessage)
    })
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    try {
      if (data instanceof Uint8Array) this.#headers.read(data)
      else for (const bytes of data) this.#headers.read(bytes)
      this.#settle(performance.now())
    } catch (error) {
      this.#socket.abort(error as Error)
    }
  }

  /** @throws {PeerError} `frame-too-large`, `peer-stalled` */
  #take({ type, flags, stream, length }: YamuxHeader): void {
    const isData = type === yamuxTypes.data
    const opens = (flags & yamuxOpenFlag) !== 0
    if (isData && length > connectionLimits.frameBytes) {
      throw new PeerError('frame-too-large', `A frame of the multiplexer says that it has ${length} bytes.`)
    }
    if (isData || opens) this.#owe()
    const isAsked = isData && this.#isOurs(stream) && this.#isOpen(stream)
    if (!isAsked || length < connectionLimits.freeFrameBytes) this.#frames += 1
    if (isData && !isAsked) this.#bytes += length
    if (opens && stream !== 0 && !this.#isOurs(stream)) this.#streams += 1
  }

  #isOurs(stream: number): boolean {
    return stream !== 0 && (stream % 2 === 1) === (this.#socket.direction === 'outbound')
  }

  /** Each such frame makes the multiplexer write, and nothing else bounds what waits to be written. */
  #owe(): void {
    this.#untaken = this.#socket.writableNeedsDrain ? this.#untaken + 1 : 0
    if (this.#untaken <= connectionLimits.untakenAnswers) return
    throw new PeerError('peer-stalled', 'The peer asks and does not take the answers.')
  }

  /** @throws {PeerError} `peer-excess` */
  #settle(now: number): void {
    const amounts = { bytes: this.#bytes, frames: this.#frames, streams: this.#streams }
    this.#bytes = this.#frames = this.#streams = 0
    const milliseconds = this.#allowances.take(this.#name, amounts, now)
    if (milliseconds === 0) {
      this.#excessSince = undefined
      return
    }
    this.#excessSince ??= now
    if (now - this.#excessSince > connectionLimits.excess) {
      throw new PeerError('peer-excess', 'The peer has sent more than it may for too long.')
    }
    this.#hold(milliseconds)
  }

  #hold(milliseconds: number): void {
    if (this.#holdAfterResume !== undefined) {
      this.#holdAfterResume = milliseconds
      return
    }
    if (this.#socket.status !== 'open') return
    this.#socket.pause()
    this.#timer = setTimeout(() => this.#tryRelease(), milliseconds)
  }

  /** What waited may end the connection, and what lies below it may be closing already: neither is read any more. */
  #tryRelease(): void {
    try {
      this.#release()
    } catch (error) {
      this.#socket.abort(error as Error)
    }
  }

  #release(): void {
    if (this.#socket.status !== 'open') return
    this.#holdAfterResume = 0
    this.#socket.resume()
    const milliseconds = this.#holdAfterResume
    this.#holdAfterResume = undefined
    if (milliseconds > 0) this.#hold(milliseconds)
  }
}
