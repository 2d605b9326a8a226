/**
 * `headers/1`: a locator, answered by up to 2,000 headers.
 *
 * Source: docs/protocol/peers.md#headers
 */
import {
  decodeGetHeaders,
  decodeHeaders,
  encodeGetHeaders,
  encodeHeaders,
  frameLimits,
  type GetHeaders,
  type Headers,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askOne, type Protocol, type Responder, serveOne } from './protocol.ts'

const headersProtocol: Protocol<GetHeaders, Headers> = {
  name: 'headers/1',
  request: { maxBytes: frameLimits.GetHeaders, encode: encodeGetHeaders, decode: decodeGetHeaders },
  answer: { maxBytes: frameLimits.Headers, encode: encodeHeaders, decode: decodeHeaders },
  streams: streamLimits.headers,
  answerTimeout: timeLimits.headers,
}

/** Finds the headers behind a locator; at most 2,000. */
export type HeadersResponder = Responder<GetHeaders, Headers>

/** Answers `headers/1` on `host`. */
export function handleHeaders(
  host: Libp2p,
  specId: string,
  respond: HeadersResponder,
  options?: ServeOptions,
): Promise<void> {
  return serveOne(host, specId, headersProtocol, respond, options)
}

/**
 * Asks a peer for headers.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the answer is malformed
 */
export function requestHeaders(
  connection: Connection,
  specId: string,
  request: GetHeaders,
  options?: RequestOptions,
): Promise<Headers> {
  return askOne(connection, specId, headersProtocol, request, options)
}
