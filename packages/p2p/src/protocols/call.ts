/**
 * Protocols of one message that is answered by one message: a codec for each, and the limits of the exchange.
 *
 * Not for answers of several frames (`blocks.ts`), nor for streams that stay open (`relay.ts`).
 *
 * Source: docs/protocol/peers.md#exchanges
 */
import { type ProtocolName, protocolId, type StreamLimit } from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import {
  type ExchangeProtocol,
  type RequestOptions,
  requestFrame,
  type ServeOptions,
  serve,
} from '../exchange.ts'

/** How a message travels as a frame. */
export interface FrameCodec<Message> {
  /** Largest frame, in bytes. */
  readonly maxBytes: number
  /** @throws {WireError} when the message is out of its bounds */
  readonly encode: (message: Message) => Uint8Array
  /** @throws {WireError} when the bytes are not such a message */
  readonly decode: (bytes: Uint8Array) => Message
}

/** A protocol of one message and one in return. */
export interface CallProtocol<Request, Answer> {
  readonly name: ProtocolName
  readonly request: FrameCodec<Request>
  readonly answer: FrameCodec<Answer>
  readonly streams: StreamLimit
  /** Milliseconds a client waits for the answer. */
  readonly answerTimeout: number
}

/** Makes the answer to a peer's message. */
export type CallResponder<Request, Answer> = (request: Request, peer: PeerId) => Answer | Promise<Answer>

/** Answers a protocol on all connections of `host` from now on. */
export async function handleCall<Request, Answer>(
  host: Libp2p,
  specId: string,
  protocol: CallProtocol<Request, Answer>,
  respond: CallResponder<Request, Answer>,
  options?: ServeOptions,
): Promise<void> {
  const answer = async function* (frame: Uint8Array, peer: PeerId): AsyncGenerator<Uint8Array> {
    yield protocol.answer.encode(await respond(protocol.request.decode(frame), peer))
  }
  await serve(host, exchangeOf(protocol, specId), answer, options)
}

/**
 * Sends a peer a message and returns its answer.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the message is out of its bounds, or the answer malformed
 */
export async function call<Request, Answer>(
  connection: Connection,
  specId: string,
  protocol: CallProtocol<Request, Answer>,
  request: Request,
  options?: RequestOptions,
): Promise<Answer> {
  const frame = protocol.request.encode(request)
  return protocol.answer.decode(await requestFrame(connection, exchangeOf(protocol, specId), frame, options))
}

function exchangeOf<Request, Answer>(
  { name, request, answer, streams, answerTimeout }: CallProtocol<Request, Answer>,
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
