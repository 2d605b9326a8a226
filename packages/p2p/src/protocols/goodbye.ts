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
  protocolId,
  streamLimits,
  timeLimits,
} from '@chain/wire'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import {
  type ExchangeProtocol,
  type RequestOptions,
  requestFrames,
  type ServeOptions,
  serve,
} from '../exchange.ts'

/** Told what a peer says before it closes the connection. */
export type GoodbyeListener = (goodbye: Goodbye, peer: PeerId) => void

/** Listens to `goodbye/1` on `host`. */
export function handleGoodbye(
  host: Libp2p,
  specId: string,
  listener: GoodbyeListener,
  options?: ServeOptions,
): Promise<void> {
  const answer = (frame: Uint8Array, peer: PeerId): AsyncIterable<Uint8Array> => {
    listener(decodeGoodbye(frame), peer)
    return nothing()
  }
  return serve(host, exchangeOf(specId), answer, options)
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
  for await (const _ of requestFrames(connection, exchangeOf(specId), encodeGoodbye(goodbye), options));
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* []
}

function exchangeOf(specId: string): ExchangeProtocol {
  return {
    id: protocolId(specId, 'goodbye/1'),
    maxRequestBytes: frameLimits.Goodbye,
    maxAnswerBytes: 0,
    streams: streamLimits.goodbye,
    answerTimeout: timeLimits.answer,
  }
}
