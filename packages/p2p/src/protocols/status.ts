/**
 * `status/1`: each side says what it is and where its chain stands; whoever opens the stream speaks first.
 *
 * Source: docs/protocol/peers.md#status
 */
import {
  decodeStatus,
  encodeStatus,
  frameLimits,
  protocolId,
  type Status,
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

function statusProtocol(specId: string): ExchangeProtocol {
  return {
    id: protocolId(specId, 'status/1'),
    maxRequestBytes: frameLimits.Status,
    maxAnswerBytes: frameLimits.Status,
    streams: streamLimits.status,
    answerTimeout: timeLimits.answer,
  }
}

/** Learns a peer's status and says ours. */
export type StatusResponder = (theirs: Status, peer: PeerId) => Status | Promise<Status>

/** Answers `status/1` on `host`. */
export async function handleStatus(
  host: Libp2p,
  specId: string,
  respond: StatusResponder,
  options?: ServeOptions,
): Promise<void> {
  const answer = async function* (request: Uint8Array, peer: PeerId): AsyncGenerator<Uint8Array> {
    yield encodeStatus(await respond(decodeStatus(request), peer))
  }
  await serve(host, statusProtocol(specId), answer, options)
}

/**
 * Tells a peer our status and learns its.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the answer is no status
 */
export async function requestStatus(
  connection: Connection,
  specId: string,
  ours: Status,
  options?: RequestOptions,
): Promise<Status> {
  return decodeStatus(await requestFrame(connection, statusProtocol(specId), encodeStatus(ours), options))
}
