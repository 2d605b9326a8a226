/**
 * `goodbye/1`: why a node closes a connection.
 *
 * Source: proto/goodbye.proto; docs/protocol/peers.md#goodbye
 */
import { fieldLimits } from '../limits.ts'
import { textField, uint32Field } from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** Numbers of {@link Goodbye.reason}. */
export const goodbyeReasons = {
  /** The sender has as many peers as it takes. */
  full: 1,
  /** The receiver is banned, or has lost too many points. */
  banned: 2,
  /** The receiver's chain begins with another block. */
  'other-network': 3,
  /** The clocks of both are far apart. */
  'wrong-clock': 4,
  /** The sender stops. */
  stopping: 5,
  /** The receiver told no status in time. */
  'no-status': 6,
  /** The receiver serves nothing that the sender needs. */
  useless: 7,
  /** The connection was made for one purpose, which is fulfilled. */
  done: 8,
} as const

/** Why a connection is closed. */
export type GoodbyeReason = keyof typeof goodbyeReasons

/** Said before a connection is closed on purpose. */
export interface Goodbye {
  /** One of {@link goodbyeReasons}, or a number of a later version. */
  readonly reason: number
  /** The reason for people, at most 256 bytes of UTF-8 without control characters. */
  readonly sentence: string
}

const shape: FrameShape = {
  message: 'Goodbye',
  fields: { 1: uint32Field('reason'), 2: textField('sentence', fieldLimits.goodbyeSentenceBytes) },
}

/**
 * The bytes of a goodbye.
 *
 * @throws {WireError} when the sentence is out of its bounds
 */
export function encodeGoodbye(goodbye: Goodbye): Uint8Array {
  return encodeFields(shape, goodbye)
}

/**
 * Reads a goodbye.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeGoodbye(bytes: Uint8Array): Goodbye {
  const { reason, sentence } = decodeFields<Goodbye>(shape, bytes)
  return { reason, sentence }
}
