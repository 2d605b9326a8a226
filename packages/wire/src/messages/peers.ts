/**
 * `peers/1`: records of peers, each signed by the peer that it is about.
 *
 * Not for what is inside a record: libp2p's peer records in signed envelopes are carried as raw bytes.
 *
 * Source: proto/peers.proto; docs/protocol/peers.md#peer-exchange
 */
import { WireError } from '../errors.ts'
import { fieldLimits } from '../limits.ts'
import { copyAll, uint32Field } from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** Asks for peers. */
export interface GetPeers {
  /** Most records wanted, 1 to 50. */
  readonly maxRecords: number
}

/** The answer to {@link GetPeers}. */
export interface Peers {
  /** Signed envelopes of libp2p peer records, at most 50 of 1 to 1,024 bytes. */
  readonly records: readonly Uint8Array[]
}

const requestShape: FrameShape = { message: 'GetPeers', fields: { 1: uint32Field('maxRecords') } }

const answerShape: FrameShape = {
  message: 'Peers',
  fields: {
    1: {
      kind: 'bytes',
      name: 'records',
      minLength: 1,
      maxLength: fieldLimits.peerRecordBytes,
      maxCount: fieldLimits.peerRecords,
    },
  },
}

/**
 * The bytes of a request for peers.
 *
 * @throws {WireError} when the number is out of its bounds
 */
export function encodeGetPeers(request: GetPeers): Uint8Array {
  return encodeFields(requestShape, checkCount(request))
}

/**
 * Reads a request for peers.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeGetPeers(bytes: Uint8Array): GetPeers {
  const { maxRecords } = decodeFields<GetPeers>(requestShape, bytes)
  return checkCount({ maxRecords })
}

/**
 * The bytes of an answer.
 *
 * @throws {WireError} when there are too many records, or one is empty or too long
 */
export function encodePeers(peers: Peers): Uint8Array {
  return encodeFields(answerShape, peers)
}

/**
 * Reads an answer.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodePeers(bytes: Uint8Array): Peers {
  return { records: copyAll(decodeFields<Peers>(answerShape, bytes).records) }
}

function checkCount(request: GetPeers): GetPeers {
  if (request.maxRecords >= 1 && request.maxRecords <= fieldLimits.peerRecords) return request
  throw new WireError('message-malformed', `GetPeers asks for ${request.maxRecords} records.`, {
    message: 'GetPeers',
    field: 'maxRecords',
  })
}
