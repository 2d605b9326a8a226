/**
 * What protocols of one request and its answer share: a declaration of what travels and how much of it, two ways to answer and
 * two ways to ask: with one message, or with several.
 *
 * Not for how an exchange goes (`streams/exchange.ts`), nor for streams that stay open (`relay.ts`).
 *
 * Source: docs/protocol/peers.md#exchanges
 */
import { type ProtocolName, protocolId, type StreamLimit } from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import {
  type ExchangeProtocol,
  type IsWanted,
  type RequestOptions,
  requestFrame,
  requestFrames,
  type ServeOptions,
  serve,
} from '../streams/exchange.ts'

/** How a message travels as a frame. */
export interface FrameCodec<Message> {
  /** Largest frame, in bytes. */
  readonly maxBytes: number
  /** @throws {WireError} when the message is out of its bounds */
  readonly encode: (message: Message) => Uint8Array
  /** @throws {WireError} when the bytes are not such a message */
  readonly decode: (bytes: Uint8Array) => Message
}

/** A protocol of one request and the messages that answer it. */
export interface Protocol<Request, Answer> {
  readonly name: ProtocolName
  readonly request: FrameCodec<Request>
  readonly answer: FrameCodec<Answer>
  readonly streams: StreamLimit
  /** Milliseconds a client waits for each frame of the answer. */
  readonly answerTimeout: number
}

/** Makes the one message that answers a peer. */
export type Responder<Request, Answer> = (request: Request, peer: PeerId) => Answer | Promise<Answer>

/** Makes the messages that answer a peer; asked for the next one when the last one has been taken. */
export type SeriesResponder<Request, Answer> = (
  request: Request,
  peer: PeerId,
  isWanted: IsWanted,
) => AsyncIterable<Answer>

/** Answers a protocol with one message, on all connections of `host` from now on. */
export function serveOne<Request, Answer>(
  host: Libp2p,
  specId: string,
  protocol: Protocol<Request, Answer>,
  respond: Responder<Request, Answer>,
  options?: ServeOptions,
): Promise<void> {
  const answer = async function* (request: Request, peer: PeerId): AsyncGenerator<Answer> {
    yield await respond(request, peer)
  }
  return serveSeries(host, specId, protocol, answer, options)
}

/** Answers a protocol with several messages, on all connections of `host` from now on. */
export function serveSeries<Request, Answer>(
  host: Libp2p,
  specId: string,
  protocol: Protocol<Request, Answer>,
  respond: SeriesResponder<Request, Answer>,
  options?: ServeOptions,
): Promise<void> {
  const { request, answer } = protocol
  const answerFrames = async function* (
    frame: Uint8Array,
    peer: PeerId,
    isWanted: IsWanted,
  ): AsyncGenerator<Uint8Array> {
    const messages = respond(request.decode(frame), peer, isWanted)
    for await (const message of messages) yield answer.encode(message)
  }
  return serve(host, exchangeOf(protocol, specId), answerFrames, options)
}

/**
 * Sends a peer a request and returns the one message that answers it.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the request is out of its bounds, or the answer malformed
 */
export async function askOne<Request, Answer>(
  connection: Connection,
  specId: string,
  protocol: Protocol<Request, Answer>,
  request: Request,
  options?: RequestOptions,
): Promise<Answer> {
  const frame = protocol.request.encode(request)
  return protocol.answer.decode(await requestFrame(connection, exchangeOf(protocol, specId), frame, options))
}

/**
 * Sends a peer a request and yields the messages that answer it, until the peer has no more; how many there should be is for
 * the caller to check.
 *
 * The peer is held back while the caller is busy with a message. Leaving the iteration cancels the request.
 *
 * @throws {PeerError} while iterating, when the exchange fails
 * @throws {WireError} while iterating, when the request is out of its bounds, or a message malformed
 */
export async function* askSeries<Request, Answer>(
  connection: Connection,
  specId: string,
  protocol: Protocol<Request, Answer>,
  request: Request,
  options?: RequestOptions,
): AsyncGenerator<Answer, void, void> {
  const frame = protocol.request.encode(request)
  const frames = requestFrames(connection, exchangeOf(protocol, specId), frame, options)
  for await (const each of frames) yield protocol.answer.decode(each)
}

function exchangeOf<Request, Answer>(
  { name, request, answer, streams, answerTimeout }: Protocol<Request, Answer>,
  specId: string,
): ExchangeProtocol {
  return {
    id: protocolId(specId, name),
    maxRequestBytes: request.maxBytes,
    maxAnswerBytes: answer.maxBytes,
    streams,
    answerTimeout,
  }
}
