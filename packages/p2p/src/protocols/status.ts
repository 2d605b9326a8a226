/**
 * `status/1`: each side says what it is and where its chain stands; whoever opens the stream speaks first.
 *
 * Source: docs/protocol/peers.md#status
 */
import { decodeStatus, encodeStatus, frameLimits, type Status, streamLimits, timeLimits } from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askOne, type FrameCodec, type Protocol, type Responder, serveOne } from './protocol.ts'

const statusFrame: FrameCodec<Status> = {
  maxBytes: frameLimits.Status,
  encode: encodeStatus,
  decode: decodeStatus,
}

const statusProtocol: Protocol<Status, Status> = {
  name: 'status/1',
  request: statusFrame,
  answer: statusFrame,
  streams: streamLimits.status,
  answerTimeout: timeLimits.answer,
}

/** Learns a peer's status and says ours. */
export type StatusResponder = Responder<Status, Status>

/** Answers `status/1` on `host`. */
export function handleStatus(
  host: Libp2p,
  specId: string,
  respond: StatusResponder,
  options?: ServeOptions,
): Promise<void> {
  return serveOne(host, specId, statusProtocol, respond, options)
}

/**
 * Tells a peer our status and learns its.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the answer is no status
 */
export function requestStatus(
  connection: Connection,
  specId: string,
  ours: Status,
  options?: RequestOptions,
): Promise<Status> {
  return askOne(connection, specId, statusProtocol, ours, options)
}
