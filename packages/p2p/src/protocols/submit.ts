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
  type Submit,
  type SubmitReply,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askOne, type Protocol, type Responder, serveOne } from './protocol.ts'

const submitProtocol: Protocol<Submit, SubmitReply> = {
  name: 'submit/1',
  request: { maxBytes: frameLimits.Submit, encode: encodeSubmit, decode: decodeSubmit },
  answer: { maxBytes: frameLimits.SubmitReply, encode: encodeSubmitReply, decode: decodeSubmitReply },
  streams: streamLimits.submit,
  answerTimeout: timeLimits.answer,
}

/** Takes a raw transaction and says what became of it. */
export type SubmitResponder = Responder<Uint8Array, SubmitReply>

/** Answers `submit/1` on `host`. */
export function handleSubmit(
  host: Libp2p,
  specId: string,
  respond: SubmitResponder,
  options?: ServeOptions,
): Promise<void> {
  const answer: Responder<Submit, SubmitReply> = ({ transaction }, peer) => respond(transaction, peer)
  return serveOne(host, specId, submitProtocol, answer, options)
}

/**
 * Hands a raw transaction to a peer.
 *
 * @throws {PeerError} when the exchange fails: the transaction may have arrived all the same
 * @throws {WireError} when the transaction is too long, or the answer is no verdict
 */
export function requestSubmit(
  connection: Connection,
  specId: string,
  transaction: Uint8Array,
  options?: RequestOptions,
): Promise<SubmitReply> {
  return askOne(connection, specId, submitProtocol, { transaction }, options)
}
