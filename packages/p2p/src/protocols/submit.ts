/**
 * `submit/1`: a raw transaction, answered by a verdict with a reason.
 *
 * Source: docs/protocol/peers.md#submit
 */
import {
  decodeSubmit,
  decodeSubmitReply,
  encodeSubmit,
  encodeSubmitReply,
  frameLimits,
  protocolId,
  type SubmitReply,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import {
  type ExchangeProtocol,
  type RequestOptions,
  requestFrame,
  type ServeOptions,
  serve,
} from '../exchange.ts'

function submitProtocol(specId: string): ExchangeProtocol {
  return {
    id: protocolId(specId, 'submit/1'),
    maxRequestBytes: frameLimits.Submit,
    maxAnswerBytes: frameLimits.SubmitReply,
    streams: streamLimits.submit,
    answerTimeout: timeLimits.answer,
  }
}

/** Takes a raw transaction and says what became of it. */
export type SubmitResponder = (transaction: Uint8Array, peer: PeerId) => SubmitReply | Promise<SubmitReply>

/** Answers `submit/1` on `host`. */
export async function handleSubmit(
  host: Libp2p,
  specId: string,
  respond: SubmitResponder,
  options?: ServeOptions,
): Promise<void> {
  const answer = async function* (request: Uint8Array, peer: PeerId): AsyncGenerator<Uint8Array> {
    yield encodeSubmitReply(await respond(decodeSubmit(request).transaction, peer))
  }
  await serve(host, submitProtocol(specId), answer, options)
}

/**
 * Hands a raw transaction to a peer.
 *
 * @throws {PeerError} when the exchange fails: the transaction may have arrived all the same
 * @throws {WireError} when the transaction is too long, or the answer is no verdict
 */
export async function requestSubmit(
  connection: Connection,
  specId: string,
  transaction: Uint8Array,
  options?: RequestOptions,
): Promise<SubmitReply> {
  const frame = encodeSubmit({ transaction })
  return decodeSubmitReply(await requestFrame(connection, submitProtocol(specId), frame, options))
}
