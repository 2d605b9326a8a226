/**
 * A libp2p stream as a duplex of `it-pipe`, with back-pressure both ways.
 *
 * Reading: at most `readHighWater` bytes wait here and one receive window waits in the stream; then the peer's window
 * is not renewed and it has to stop. Writing: the next chunk is not taken from its source before the stream has less
 * than `writeHighWater` bytes waiting.
 *
 * Not for frames (`frames.ts`). The streams' own asynchronous iterator and `onDrain` have neither property: the first
 * reads without bound, the second resolves at once from its second use on.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { pEvent, TimeoutError } from 'p-event'
import { Uint8ArrayList } from 'uint8arraylist'
import { PeerError, toPeerError } from '../errors.ts'
import { Wake } from './wake.ts'

/** Bytes as they travel: one array, or several that belong together. */
export type Chunk = Uint8Array | Uint8ArrayList

/** Where {@link streamDuplex} begins to hold back, and how long it waits. */
export interface DuplexOptions {
  /** A peer that takes none of the bytes offered to it for this many milliseconds is given up. */
  readonly writeTimeout: number
  /** Bytes that may wait to be read before the peer has to stop. */
  readonly readHighWater?: number
  /** Bytes that may wait to be sent before the next chunk is taken. */
  readonly writeHighWater?: number
}

/** The two directions of a stream. Each may be used once. */
export interface StreamDuplex {
  /** What the peer sends, until it closes its side. Throws when the stream fails. */
  readonly source: AsyncGenerator<Uint8ArrayList, void, void>
  /** Sends all of `source`, then closes our side. Rejects, and aborts the stream, when either fails. */
  sink(source: AsyncIterable<Chunk> | Iterable<Chunk>): Promise<void>
  /** Ends both directions at once; a reader and a writer that wait fail with `reason`. */
  readonly abort: (reason: unknown) => void
}

const defaultHighWater = 256 * 1024

/** A duplex over `stream`, which nobody else may read or write from now on. */
export function streamDuplex(stream: Stream, options: DuplexOptions): StreamDuplex {
  const reader = new StreamReader(stream, options.readHighWater ?? defaultHighWater)
  const writer = new StreamWriter(stream, options.writeHighWater ?? defaultHighWater, options.writeTimeout)
  return {
    source: reader.read(),
    sink: (source) => writer.writeAll(source),
    abort: (reason) => stream.abort(toPeerError(reason)),
  }
}

class StreamReader {
  readonly #stream: Stream
  readonly #highWater: number
  #buffer = new Uint8ArrayList()
  #ended: boolean
  #error: Error | undefined
  #resuming = false
  readonly #wake = new Wake()

  constructor(stream: Stream, highWater: number) {
    this.#stream = stream
    this.#highWater = highWater
    this.#ended = stream.remoteWriteStatus === 'closed'
    if (stream.status === 'aborted' || stream.status === 'reset') {
      this.#error = new PeerError('peer-reset', 'The stream was reset before it could be read.')
    }
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('remoteCloseWrite', this.#onEnd)
    stream.addEventListener('close', this.#onClose)
  }

  async *read(): AsyncGenerator<Uint8ArrayList, void, void> {
    try {
      for (;;) {
        const chunk = this.#take()
        if (chunk !== undefined) yield chunk
        else if (this.#resume()) continue
        else if (this.#error !== undefined) throw toPeerError(this.#error)
        else if (this.#ended && this.#stream.readBufferLength === 0) return
        else await this.#wake.wait()
      }
    } finally {
      this.#stop()
    }
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    this.#buffer.append(event.data)
    this.#pauseIfFull()
    this.#wake.signal()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#wake.signal()
  }

  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#ended = true
    this.#error ??= event.error
    this.#wake.signal()
  }

  #take(): Uint8ArrayList | undefined {
    if (this.#buffer.byteLength === 0) return undefined
    const chunk = this.#buffer
    this.#buffer = new Uint8ArrayList()
    return chunk
  }

  /** `resume()` hands over what has piled up and un-pauses the muxer only afterwards: a `pause()` in between is lost. */
  #pauseIfFull(): void {
    if (this.#resuming || this.#buffer.byteLength < this.#highWater) return
    if (this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  /** Whether there may be something to take now. */
  #resume(): boolean {
    if (this.#stream.readStatus !== 'paused') return false
    this.#resuming = true
    try {
      this.#stream.resume()
    } finally {
      this.#resuming = false
    }
    this.#pauseIfFull()
    return true
  }

  /** The reader leaves: what still comes is held back by the window until the stream is closed or aborted. */
  #stop(): void {
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('remoteCloseWrite', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onClose)
    if (this.#stream.readStatus === 'readable') this.#stream.pause()
  }
}

class StreamWriter {
  readonly #stream: Stream
  readonly #highWater: number
  readonly #timeout: number

  constructor(stream: Stream, highWater: number, timeout: number) {
    this.#stream = stream
    this.#highWater = highWater
    this.#timeout = timeout
  }

  async writeAll(source: AsyncIterable<Chunk> | Iterable<Chunk>): Promise<void> {
    try {
      for await (const chunk of source) await this.#write(chunk)
      await this.#close()
    } catch (error) {
      const reason = toPeerError(error)
      this.#stream.abort(reason)
      throw reason
    }
  }

  async #write(chunk: Chunk): Promise<void> {
    this.#checkOpen()
    if (this.#stream.send(chunk)) return
    do await this.#drain()
    while (this.#stream.writeBufferLength > this.#highWater)
  }

  async #close(): Promise<void> {
    while (this.#stream.writeBufferLength > 0 || this.#stream.writableNeedsDrain) await this.#drain()
    this.#checkOpen()
    await this.#stream.close()
  }

  #checkOpen(): void {
    if (this.#stream.writeStatus === 'writable') return
    if (this.#stream.status === 'reset') throw new PeerError('peer-reset', 'The peer reset the stream.')
    throw new PeerError('peer-closed', 'The stream is closed.')
  }

  /** Resolves when the peer has taken something. p-event rejects with the closing event itself when the stream closes. */
  async #drain(): Promise<void> {
    this.#checkOpen()
    try {
      await pEvent(this.#stream, 'drain', { rejectionEvents: ['close'], timeout: this.#timeout })
    } catch (error) {
      throw error instanceof TimeoutError ? this.#stalled(error) : toPeerError(error)
    }
  }

  #stalled(cause: Error): PeerError {
    return new PeerError('peer-stalled', `The peer took no bytes for ${this.#timeout} ms.`, { cause })
  }
}
