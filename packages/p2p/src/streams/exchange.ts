/**
 * One request and its answer over a stream of its own: the client's half and the server's half.
 *
 * Both halves hold a deadline, bound every frame, close the stream when all is said and abort it when anything fails,
 * so that no stream outlives its exchange. Not for streams that stay open (`protocols/relay.ts`).
 *
 * Source: docs/protocol/peers.md#exchanges
 */
import type { ChainError } from '@chain/core/errors'
import { type StreamLimit, timeLimits } from '@chain/wire'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { PeerError, toPeerError } from '../errors.ts'
import { Deadline } from './deadline.ts'
import { decodeFrames, encodeFrames } from './frames.ts'
import { type OutgoingAnswers, outgoingAnswers } from './outgoing-answers.ts'
import { streamDuplex } from './stream-duplex.ts'
import { streamSlots } from './stream-slots.ts'

/** Told what a peer did wrong, or what went wrong with it. */
export type FaultListener = (peer: PeerId, error: ChainError) => void

/** What a caller may change about one request. */
export interface RequestOptions {
  /** Cancels the exchange; the request then rejects with `cancelled`. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds the peer has for each frame of its answer. */
  readonly timeout?: number | undefined
}

/** What a node may change about how it answers. */
export interface ServeOptions {
  /** Told about every exchange that failed. */
  readonly onFault?: FaultListener | undefined
  /** Milliseconds the peer has for its request. */
  readonly timeout?: number | undefined
  /** Resolves when a peer may make its next request, which is not read before. */
  readonly pace?: ((peer: PeerId) => Promise<void>) | undefined
}

/** A protocol of one request and its answer. */
export interface ExchangeProtocol {
  /** Its full id. */
  readonly id: string
  /** Largest frame of a request, in bytes. */
  readonly maxRequestBytes: number
  /** Largest frame of an answer, in bytes. */
  readonly maxAnswerBytes: number
  readonly streams: StreamLimit
  /** Milliseconds a client waits for each frame of the answer. */
  readonly answerTimeout: number
}

/** Whether whoever asked still waits: its stream is open. What takes long and has to wait is not worth beginning otherwise. */
export type IsWanted = () => boolean

/** Makes the frames of an answer; it is asked for the next one when the last one has been taken. */
export type Responder = (request: Uint8Array, peer: PeerId, isWanted: IsWanted) => AsyncIterable<Uint8Array>

/**
 * Opens a stream.
 *
 * @throws {PeerError} `peer-speaks-other-protocol`, `peer-reset`, `peer-closed`, `peer-timed-out`, `cancelled`
 */
export async function openStream(
  connection: Connection,
  protocol: string,
  maxOutboundStreams: number,
  signal: AbortSignal,
): Promise<Stream> {
  try {
    const stream = await connection.newStream(protocol, { signal, maxOutboundStreams })
    if (stream.status === 'open') return stream
  } catch (error) {
    throw toPeerError(signal.aborted ? signal.reason : error)
  }
  throw new PeerError('peer-reset', `The peer reset the stream of ${protocol}.`)
}

/**
 * Sends one frame and yields the frames of the answer until the peer closes its side.
 *
 * Frames are taken from the peer as they are asked for, and the clock stands while a frame is being used. Leaving the
 * iteration early cancels the exchange.
 *
 * @throws {PeerError} while iterating
 */
export async function* requestFrames(
  connection: Connection,
  protocol: ExchangeProtocol,
  request: Uint8Array,
  options: RequestOptions = {},
): AsyncGenerator<Uint8Array, void, void> {
  const slots = streamSlots(connection, protocol.id, protocol.streams.outbound)
  await slots.acquire(options.signal)
  const deadline = new Deadline(options.timeout ?? protocol.answerTimeout, options.signal)
  let stream: Stream | undefined
  try {
    stream = await openStream(connection, protocol.id, protocol.streams.outbound, deadline.signal)
    const duplex = streamDuplex(stream, { writeTimeout: timeLimits.write })
    deadline.onAbort(duplex.abort)
    for await (const frame of pipe([request], encodeFrames, duplex, decodeFrames(protocol.maxAnswerBytes))) {
      deadline.hold()
      yield frame
      deadline.restart()
    }
  } catch (error) {
    throw toPeerError(deadline.signal.aborted ? deadline.signal.reason : error)
  } finally {
    deadline.dispose()
    if (stream !== undefined) abortIfOpen(stream)
    slots.release()
  }
}

/**
 * Sends one frame and returns the one frame of the answer.
 *
 * @throws {PeerError} also `peer-closed` when there is no answer, `frame-unexpected` when there is more than one frame
 */
export async function requestFrame(
  connection: Connection,
  protocol: ExchangeProtocol,
  request: Uint8Array,
  options?: RequestOptions,
): Promise<Uint8Array> {
  let answer: Uint8Array | undefined
  for await (const frame of requestFrames(connection, protocol, request, options)) {
    if (answer !== undefined) throw new PeerError('frame-unexpected', 'The peer sent more than one answer.')
    answer = frame
  }
  if (answer === undefined)
    throw new PeerError('peer-closed', 'The peer closed the stream without an answer.')
  return answer
}

/**
 * Exchanges of one peer and protocol that this node has not ended, for each stream that the peer may have open: whoever resets a
 * stream while its answer is not due yet leaves the exchange behind, and may open the next one.
 */
const exchangesPerStream = 4

/** Answers a protocol on all connections of `host` from now on. */
export async function serve(
  host: Libp2p,
  protocol: ExchangeProtocol,
  respond: Responder,
  options: ServeOptions = {},
): Promise<void> {
  const outgoing = outgoingAnswers(host)
  const begun = new BegunExchanges(exchangesPerStream * protocol.streams.inbound)
  const answer = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer
    try {
      await answerOnce(stream, protocol, {
        ...options,
        outgoing,
        begin: () => begun.add(peer.toString()),
        respond: (request) => respond(request, peer, () => stream.status === 'open'),
        pace: async () => await options.pace?.(peer),
      })
    } catch (error) {
      options.onFault?.(peer, toPeerError(error))
    }
  }
  await host.handle(protocol.id, answer, {
    maxInboundStreams: protocol.streams.inbound,
    maxOutboundStreams: protocol.streams.outbound,
  })
}

/** How one request of a peer is answered. */
interface Answering {
  readonly respond: (request: Uint8Array) => AsyncIterable<Uint8Array>
  readonly pace: () => Promise<void>
  /** Counts the exchange until the function that is returned is called. @throws {PeerError} `peer-excess` */
  readonly begin: () => () => void
  /** What this node has to send, to this peer and others. */
  readonly outgoing: OutgoingAnswers
  readonly timeout?: number | undefined
}

/** How many exchanges of each peer have not ended. Bound: the connected peers. */
class BegunExchanges {
  readonly #most: number
  readonly #counts = new Map<string, number>()

  constructor(most: number) {
    this.#most = most
  }

  /** @throws {PeerError} `peer-excess` */
  add(peer: string): () => void {
    const count = this.#counts.get(peer) ?? 0
    if (count >= this.#most) {
      throw new PeerError('peer-excess', `The peer has given up ${count} requests before they were due.`)
    }
    this.#counts.set(peer, count + 1)
    return () => this.#remove(peer)
  }

  #remove(peer: string): void {
    const count = this.#counts.get(peer) ?? 0
    if (count > 1) this.#counts.set(peer, count - 1)
    else this.#counts.delete(peer)
  }
}

async function answerOnce(stream: Stream, protocol: ExchangeProtocol, options: Answering): Promise<void> {
  const deadline = new Deadline(options.timeout ?? timeLimits.request)
  const duplex = streamDuplex(stream, { writeTimeout: timeLimits.write })
  deadline.onAbort(duplex.abort)
  try {
    await pipe(
      duplex,
      decodeFrames(protocol.maxRequestBytes),
      (requests) => answerFrames(requests, options, deadline, duplex.abort),
      encodeFrames,
      duplex,
    )
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : error
  } finally {
    deadline.dispose()
    abortIfOpen(stream)
  }
}

async function* answerFrames(
  requests: AsyncGenerator<Uint8Array, void, void>,
  answering: Answering,
  deadline: Deadline,
  abort: (reason: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const end = answering.begin()
  try {
    yield* answerPacedFrames(requests, answering, deadline, abort)
  } finally {
    end()
  }
}

async function* answerPacedFrames(
  requests: AsyncGenerator<Uint8Array, void, void>,
  { respond, pace, outgoing }: Answering,
  deadline: Deadline,
  abort: (reason: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  deadline.hold()
  await pace()
  deadline.restart()
  const request = await requests.next()
  if (request.done === true)
    throw new PeerError('peer-closed', 'The peer closed the stream without a request.')
  deadline.hold()
  for await (const frame of respond(request.value)) {
    const release = outgoing.hold(frame.length, abort)
    try {
      yield frame
    } finally {
      release()
    }
  }
  deadline.restart()
  const more = await requests.next()
  if (more.done !== true) throw new PeerError('frame-unexpected', 'The peer sent more than one request.')
}

/** A stream that is still open when its exchange is over would stay for the life of the connection. */
function abortIfOpen(stream: Stream): void {
  if (stream.status === 'open' || stream.status === 'closing') {
    stream.abort(new PeerError('cancelled', 'The exchange is over.'))
  }
}
