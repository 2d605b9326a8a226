/**
 * From bytes to the fields of a protobuf message and back, with every bound checked on the way.
 *
 * Not for the meaning of the fields: the module of each message turns them into its own type.
 */
import protobuf from 'protobufjs/minimal.js'
import { WireError } from '../errors.ts'
import { type FrameName, frameLimits } from '../limits.ts'
import { codecs } from './generated/messages.ts'
import { checkShape, type MessageShape } from './message-shape.ts'

/** The shape of a message that travels as a frame of its own. */
export interface FrameShape extends MessageShape {
  readonly message: FrameName
}

/**
 * The fields of the message in `bytes`, absent ones with their protobuf defaults.
 *
 * Values of type `bytes` are views into `bytes`.
 *
 * @throws {WireError} whatever the bytes are, and nothing else
 */
export function decodeFields<Fields extends object>(shape: FrameShape, bytes: Uint8Array): Fields {
  checkFrame(shape, bytes)
  const reader = protobuf.Reader.create(plainArray(bytes))
  reader.discardUnknown = true
  try {
    return codecs[shape.message].decode(reader) as Fields
  } catch (cause) {
    throw unreadable(shape, cause)
  }
}

/**
 * The bytes of a message with these fields.
 *
 * @throws {WireError} when a field is missing or out of its bounds
 */
export function encodeFields<Fields extends object>(shape: FrameShape, fields: Fields): Uint8Array {
  const bytes = plainArray(codecs[shape.message].encode(fields).finish())
  checkFrame(shape, bytes)
  return bytes
}

function checkFrame(shape: FrameShape, bytes: Uint8Array): void {
  const limit = frameLimits[shape.message]
  if (bytes.length > limit) {
    throw new WireError(
      'message-too-large',
      `${shape.message} is ${bytes.length} bytes long, more than ${limit}.`,
      { message: shape.message },
    )
  }
  checkShape(shape, bytes)
}

function unreadable({ message }: FrameShape, cause: unknown): WireError {
  return new WireError('message-malformed', `${message} cannot be read.`, { message }, { cause })
}

/** The same memory as a plain `Uint8Array`: protobufjs would hand out slices of type `Buffer` otherwise. */
function plainArray(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
