/**
 * `peers/1`: signed records of peers, for the asking.
 *
 * Source: docs/protocol/peers.md#peer-exchange
 */
import {
  decodeGetPeers,
  decodePeers,
  encodeGetPeers,
  encodePeers,
  frameLimits,
  type GetPeers,
  type Peers,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askOne, type Protocol, type Responder, serveOne } from './protocol.ts'

const peersProtocol: Protocol<GetPeers, Peers> = {
  name: 'peers/1',
  request: { maxBytes: frameLimits.GetPeers, encode: encodeGetPeers, decode: decodeGetPeers },
  answer: { maxBytes: frameLimits.Peers, encode: encodePeers, decode: decodePeers },
  streams: streamLimits.peers,
  answerTimeout: timeLimits.answer,
}

/** Picks records for a peer that asks. */
export type PeersResponder = Responder<GetPeers, Peers>

/** Answers `peers/1` on `host`. */
export function handlePeers(
  host: Libp2p,
  specId: string,
  respond: PeersResponder,
  options?: ServeOptions,
): Promise<void> {
  return serveOne(host, specId, peersProtocol, respond, options)
}

/**
 * Asks a peer for records of peers. They are not checked here.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the answer is malformed
 */
export function requestPeers(
  connection: Connection,
  specId: string,
  request: GetPeers,
  options?: RequestOptions,
): Promise<Peers> {
  return askOne(connection, specId, peersProtocol, request, options)
}
