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
  protocolId,
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

function headersProtocol(specId: string): ExchangeProtocol {
  return {
    id: protocolId(specId, 'headers/1'),
    maxRequestBytes: frameLimits.GetHeaders,
    maxAnswerBytes: frameLimits.Headers,
    streams: streamLimits.headers,
    answerTimeout: timeLimits.headers,
  }
}

/** Finds the headers behind a locator; at most 2,000. */
export type HeadersResponder = (request: GetHeaders, peer: PeerId) => Headers | Promise<Headers>

/** Answers `headers/1` on `host`. */
export async function handleHeaders(
  host: Libp2p,
  specId: string,
  respond: HeadersResponder,
  options?: ServeOptions,
): Promise<void> {
  const answer = async function* (request: Uint8Array, peer: PeerId): AsyncGenerator<Uint8Array> {
    yield encodeHeaders(await respond(decodeGetHeaders(request), peer))
  }
  await serve(host, headersProtocol(specId), answer, options)
}

/**
 * Asks a peer for headers.
 *
 * @throws {PeerError} when the exchange fails
 * @throws {WireError} when the answer is malformed
 */
export async function requestHeaders(
  connection: Connection,
  specId: string,
  request: GetHeaders,
  options?: RequestOptions,
): Promise<Headers> {
  const frame = encodeGetHeaders(request)
  return decodeHeaders(await requestFrame(connection, headersProtocol(specId), frame, options))
}
