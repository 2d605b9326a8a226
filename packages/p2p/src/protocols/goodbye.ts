/**
 * `goodbye/1`: why a connection is about to be closed, said on it by the side that closes it.
 *
 * Source: docs/protocol/peers.md#goodbye
 */
import {
  decodeGoodbye,
  encodeGoodbye,
  frameLimits,
  type Goodbye,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { RequestOptions, ServeOptions } from '../streams/exchange.ts'
import { askSeries, type Protocol, serveSeries } from './protocol.ts'

/** Nothing is answered: the stream is closed when the goodbye was heard. */
const goodbyeProtocol: Protocol<Goodbye, undefined> = {
  name: 'goodbye/1',
  request: { maxBytes: frameLimits.Goodbye, encode: encodeGoodbye, decode: decodeGoodbye },
  answer: { maxBytes: 0, encode: () => new Uint8Array(0), decode: () => undefined },
  streams: streamLimits.goodbye,
  answerTimeout: timeLimits.answer,
}

/** Told what a peer says before it closes the connection. */
export type GoodbyeListener = (goodbye: Goodbye, peer: PeerId) => void

/** Listens to `goodbye/1` on `host`. */
export function handleGoodbye(
  host: Libp2p,
  specId: string,
  listener: GoodbyeListener,
  options?: ServeOptions,
): Promise<void> {
  const answer = async function* (goodbye: Goodbye, peer: PeerId): AsyncGenerator<undefined> {
    listener(goodbye, peer)
    yield* []
  }
  return serveSeries(host, specId, goodbyeProtocol, answer, options)
}

/**
 * Says why the connection is about to be closed; resolves when the peer has heard it.
 *
 * @throws {PeerError} when it does not listen
 */
export async function sayGoodbye(
  connection: Connection,
  specId: string,
  goodbye: Goodbye,
  options?: RequestOptions,
): Promise<void> {
  for await (const _ of askSeries(connection, specId, goodbyeProtocol, goodbye, options));
}
