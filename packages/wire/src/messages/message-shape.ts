/**
 * What a message may look like on the wire, as data: which fields, of which length, how often.
 *
 * {@link checkShape} walks the raw bytes and allocates nothing, so that the generated decoder, which allocates one
 * object per field and descends into nested messages, only ever sees bytes whose cost is known. It is stricter than
 * protobuf: a field that is not repeated may stand once only, integers must fit, groups are refused.
 *
 * Source: protobuf encoding, protobuf.dev/programming-guides/encoding
 */
import { WireError, type WireErrorCode } from '../errors.ts'
import { fieldLimits } from '../limits.ts'
import type { MessageName } from './protobuf-codec.ts'

/** A field whose value is a 32-bit unsigned integer. */
export interface IntegerField {
  readonly kind: 'uint32' | 'bool'
  readonly name: string
}

/** A field whose value is a run of bytes. */
export interface BytesField {
  /** `text` is UTF-8 without control characters. */
  readonly kind: 'bytes' | 'text'
  readonly name: string
  /** Shortest value, in bytes; a field that is absent has no length. */
  readonly minLength: number
  /** Longest value, in bytes. */
  readonly maxLength: number
  /** The length must be a multiple of this. */
  readonly multipleOf?: number
  /** How often the field must stand at least; 0 when absent. */
  readonly minCount?: number
  /** How often the field may stand; 1 when absent. */
  readonly maxCount?: number
}

/** A field whose value is a message. */
export interface MessageField {
  readonly kind: 'message'
  readonly name: string
  readonly shape: MessageShape
}

/** One of the three kinds of field. */
export type FieldShape = IntegerField | BytesField | MessageField

/** The fields of a message, by field number. */
export interface MessageShape {
  readonly message: MessageName
  readonly fields: Readonly<Record<number, FieldShape>>
  /** Of all known fields at most one may stand. */
  readonly oneOf?: boolean
}

/**
 * Checks that `bytes` hold the message that `shape` describes. Fields that `shape` does not know are skipped.
 *
 * @throws {WireError} `message-malformed`, `message-too-many-items`
 */
export function checkShape(shape: MessageShape, bytes: Uint8Array): void {
  checkRange(shape, new WireCursor(shape.message, bytes, 0, bytes.length))
}

const wireTypes = { uint32: 0, bool: 0, bytes: 2, text: 2, message: 2 } as const

function checkRange(shape: MessageShape, cursor: WireCursor): void {
  const counts = new Map<number, number>()
  let unknown = 0
  while (!cursor.atEnd()) {
    const { number, wireType } = cursor.readTag()
    const field = shape.fields[number]
    if (field === undefined) {
      unknown += 1
      if (unknown > fieldLimits.unknownFields) {
        throw cursor.refuse('message-too-many-items', 'has too many unknown fields')
      }
      cursor.skip(wireType)
      continue
    }
    if (wireType !== wireTypes[field.kind]) throw cursor.malformed(field, 'is of the wrong wire type')
    countField(cursor, field, counts, number)
    checkValue(cursor, field)
  }
  checkCounts(shape, cursor, counts)
}

function countField(
  cursor: WireCursor,
  field: FieldShape,
  counts: Map<number, number>,
  number: number,
): void {
  const count = (counts.get(number) ?? 0) + 1
  const most = 'maxCount' in field ? field.maxCount : 1
  if (count > most) {
    if (most === 1) throw cursor.malformed(field, 'stands more than once')
    throw cursor.refuse('message-too-many-items', `has more than ${most} of ${field.name}`, field)
  }
  counts.set(number, count)
}

function checkCounts(shape: MessageShape, cursor: WireCursor, counts: ReadonlyMap<number, number>): void {
  if (shape.oneOf === true && counts.size > 1) {
    throw cursor.refuse('message-malformed', 'has several values where one is allowed')
  }
  for (const [number, field] of Object.entries(shape.fields)) {
    const least = 'minCount' in field ? field.minCount : 0
    if ((counts.get(Number(number)) ?? 0) < least) throw cursor.malformed(field, 'is missing')
  }
}

function checkValue(cursor: WireCursor, field: FieldShape): void {
  switch (field.kind) {
    case 'uint32':
      cursor.readVarint()
      return
    case 'bool':
      if (cursor.readVarint() > 1) throw cursor.malformed(field, 'is neither 0 nor 1')
      return
    case 'message': {
      const start = cursor.takeLength()
      checkRange(field.shape, new WireCursor(field.shape.message, cursor.bytes, start, cursor.position))
      return
    }
    default:
      checkBytes(cursor, field)
  }
}

function checkBytes(cursor: WireCursor, field: BytesField): void {
  const start = cursor.takeLength()
  const length = cursor.position - start
  if (length < field.minLength || length > field.maxLength || length % (field.multipleOf ?? 1) !== 0) {
    throw cursor.malformed(field, `is ${length} bytes long`)
  }
  if (field.kind === 'text' && hasControlCharacter(cursor.bytes, start, cursor.position)) {
    throw cursor.malformed(field, 'contains a control character')
  }
}

/** Control characters of ASCII and of Latin 1 (U+0080 to U+009F) in UTF-8. */
function hasControlCharacter(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number
    if (byte < 0x20 || byte === 0x7f) return true
    if (byte === 0xc2 && (bytes[i + 1] ?? 0) < 0xa0) return true
  }
  return false
}

/** Reads tags, integers and lengths of one message within a byte array. */
class WireCursor {
  readonly message: MessageName
  readonly bytes: Uint8Array
  readonly end: number
  position: number

  constructor(message: MessageName, bytes: Uint8Array, start: number, end: number) {
    this.message = message
    this.bytes = bytes
    this.position = start
    this.end = end
  }

  atEnd(): boolean {
    return this.position >= this.end
  }

  readTag(): { number: number; wireType: number } {
    const tag = this.readVarint()
    if (tag < 8) throw this.refuse('message-malformed', 'has a field with number 0')
    return { number: tag >>> 3, wireType: tag & 7 }
  }

  /** An integer below 2**32, in at most 5 bytes. */
  readVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.readByte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break
        return value
      }
    }
    throw this.refuse('message-malformed', 'has an integer that does not fit into 32 bits')
  }

  /** Reads a length, moves behind the bytes it announces and returns where they start. */
  takeLength(): number {
    const length = this.readVarint()
    const start = this.position
    this.advance(length)
    return start
  }

  skip(wireType: number): void {
    if (wireType === 0) this.skipVarint()
    else if (wireType === 1) this.advance(8)
    else if (wireType === 2) this.takeLength()
    else if (wireType === 5) this.advance(4)
    else throw this.refuse('message-malformed', `has a field of wire type ${wireType}`)
  }

  malformed(field: FieldShape, what: string): WireError {
    const { message } = this
    return new WireError('message-malformed', `${message}.${field.name} ${what}.`, {
      message,
      field: field.name,
    })
  }

  refuse(code: WireErrorCode, what: string, field?: FieldShape): WireError {
    const { message } = this
    const data = field === undefined ? { message } : { message, field: field.name }
    return new WireError(code, `${message} ${what}.`, data)
  }

  private skipVarint(): void {
    for (let i = 0; i < 10; i++) if (this.readByte() < 0x80) return
    throw this.refuse('message-malformed', 'has an integer that does not end')
  }

  private readByte(): number {
    if (this.position >= this.end) throw this.refuse('message-malformed', 'ends in the middle of a field')
    return this.bytes[this.position++] as number
  }

  private advance(length: number): void {
    if (length > this.end - this.position) {
      throw this.refuse('message-malformed', 'ends in the middle of a field')
    }
    this.position += length
  }
}
