/**
 * How a peer, or the stream to it, can fail us. Everything that streams, events and libraries throw becomes one of
 * these before it leaves this package.
 */
import { ChainError, OperationalError, reasonOf } from '@chain/core/errors'

/**
 * - `peer-closed`: the stream or connection ended before the exchange was complete.
 * - `peer-reset`: the peer reset the stream: too many streams, or its side failed.
 * - `peer-stalled`: it did not take what we sent in time.
 * - `peer-timed-out`: it did not say in time what it had to say.
 * - `peer-speaks-other-protocol`: it does not know the protocol: another network, or another kind of program.
 * - `frame-too-large`, `frame-malformed`, `frame-truncated`, `frame-unexpected`: its bytes are no frames, or more or
 *   fewer than the protocol foresees.
 * - `answer-unexpected`: a well-formed answer to another question than ours.
 * - `answer-false`: an answer that does not hold: a proof that proves nothing, a filter that is not its filter header's.
 * - `request-invalid`: it asks for what no peer may ask for.
 * - `peer-excess`: it sent more than a peer may, without a break.
 * - `relay-queue-full`: it takes relay messages more slowly than they arise.
 * - `record-refused`: a record of the hash table that is unsound, or for which there is no room.
 * - `record-outdated`: a value of the hash table that is older than the one that is kept.
 * - `peer-missing`: nobody is connected.
 * - `cancelled`: this node gave up on its own account; the peer is not to blame.
 * - `exchange-failed`: anything else; `cause` says what.
 */
export type PeerErrorCode =
  | 'peer-closed'
  | 'peer-reset'
  | 'peer-stalled'
  | 'peer-timed-out'
  | 'peer-speaks-other-protocol'
  | 'frame-too-large'
  | 'frame-malformed'
  | 'frame-truncated'
  | 'frame-unexpected'
  | 'answer-unexpected'
  | 'answer-false'
  | 'request-invalid'
  | 'peer-excess'
  | 'relay-queue-full'
  | 'record-refused'
  | 'record-outdated'
  | 'peer-missing'
  | 'cancelled'
  | 'exchange-failed'

/** A peer, or the stream to it, failed us. */
export class PeerError extends OperationalError {
  declare readonly code: PeerErrorCode

  constructor(code: PeerErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, {}, options)
  }
}

/** What the codes of it-length-prefixed and the names of libp2p's errors mean to us. */
const knownErrors: ReadonlyMap<string, readonly [PeerErrorCode, string]> = new Map([
  ['ERR_MSG_DATA_TOO_LONG', ['frame-too-large', 'A frame of the peer is longer than allowed.']],
  ['ERR_MSG_LENGTH_TOO_LONG', ['frame-malformed', 'The length of a frame of the peer is malformed.']],
  ['ERR_INVALID_MSG_LENGTH', ['frame-malformed', 'The length of a frame of the peer is malformed.']],
  ['ERR_UNEXPECTED_EOF', ['frame-truncated', 'The stream ended inside a frame.']],
  ['StreamResetError', ['peer-reset', 'The peer reset the stream.']],
  ['StreamClosedError', ['peer-closed', 'The stream is closed.']],
  ['StreamStateError', ['peer-closed', 'The stream is closed.']],
  ['ConnectionClosedError', ['peer-closed', 'The connection is closed.']],
  ['ConnectionClosingError', ['peer-closed', 'The connection is closing.']],
  ['MuxerClosedError', ['peer-closed', 'The connection is closed.']],
  ['UnsupportedProtocolError', ['peer-speaks-other-protocol', 'The peer does not know the protocol.']],
  ['TimeoutError', ['peer-timed-out', 'The peer did not answer in time.']],
  ['AbortError', ['cancelled', 'The exchange was cancelled.']],
])

/**
 * Whatever was thrown while talking to a peer, as an error of ours.
 *
 * libp2p rejects with events instead of errors in places; the error inside is taken then.
 */
export function toPeerError(thrown: unknown): ChainError {
  if (thrown instanceof ChainError) return thrown
  if (thrown instanceof Event) return fromEvent(thrown)
  const [code, sentence] = lookUp(thrown) ?? ['exchange-failed', `The exchange failed: ${reasonOf(thrown)}.`]
  return new PeerError(code, sentence, { cause: thrown })
}

function fromEvent(event: Event): ChainError {
  if ('error' in event && event.error instanceof Error) return toPeerError(event.error)
  return new PeerError('peer-closed', 'The stream is closed.', { cause: event })
}

function lookUp(thrown: unknown): readonly [PeerErrorCode, string] | undefined {
  if (!(thrown instanceof Error)) return undefined
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  return knownErrors.get(code) ?? knownErrors.get(thrown.name)
}
