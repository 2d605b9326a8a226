/**
 * `headers/1`: a locator, answered by headers.
 *
 * Source: proto/headers.proto; docs/protocol/peers.md#headers
 */
import { fieldLimits } from '../limits.ts'
import {
  copyAll,
  copyBytes,
  hashesField,
  hashLength,
  headerLength,
  optionalFixedField,
} from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** A request for the headers behind a locator. */
export interface GetHeaders {
  /** 1 to 101 block hashes of 32 bytes from the asker's tip backwards, genesis last. */
  readonly locator: readonly Uint8Array[]
  /** Hash of the last header wanted, 32 bytes. */
  readonly stop?: Uint8Array
}

/** The answer to {@link GetHeaders}. */
export interface Headers {
  /** 0 to 2,000 headers of 80 bytes, ascending. */
  readonly headers: readonly Uint8Array[]
}

const getHeadersShape: FrameShape = {
  message: 'GetHeaders',
  fields: {
    1: hashesField('locator', fieldLimits.locatorHashes),
    2: optionalFixedField('stop', hashLength),
  },
}

const headersShape: FrameShape = {
  message: 'Headers',
  fields: {
    1: {
      kind: 'bytes',
      name: 'headers',
      minLength: 0,
      maxLength: fieldLimits.headers * headerLength,
      multipleOf: headerLength,
    },
  },
}

interface GetHeadersFields {
  readonly locator: readonly Uint8Array[]
  readonly stop: Uint8Array
}

interface HeadersFields {
  readonly headers: Uint8Array
}

/**
 * The bytes of a request for headers.
 *
 * @throws {WireError} when a field is out of its bounds
 */
export function encodeGetHeaders(request: GetHeaders): Uint8Array {
  return encodeFields(getHeadersShape, request)
}

/**
 * Reads a request for headers.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeGetHeaders(bytes: Uint8Array): GetHeaders {
  const fields = decodeFields<GetHeadersFields>(getHeadersShape, bytes)
  const locator = copyAll(fields.locator)
  return fields.stop.length === 0 ? { locator } : { locator, stop: copyBytes(fields.stop) }
}

/**
 * The bytes of an answer with headers.
 *
 * @throws {WireError} when there are too many headers or one is not 80 bytes long
 */
export function encodeHeaders(reply: Headers): Uint8Array {
  const headers = new Uint8Array(reply.headers.length * headerLength)
  for (const [index, header] of reply.headers.entries()) headers.set(header, index * headerLength)
  return encodeFields<HeadersFields>(headersShape, { headers })
}

/**
 * Reads an answer with headers. The headers share one copy of the bytes.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeHeaders(bytes: Uint8Array): Headers {
  const all = copyBytes(decodeFields<HeadersFields>(headersShape, bytes).headers)
  const headers: Uint8Array[] = []
  for (let start = 0; start < all.length; start += headerLength) {
    headers.push(all.subarray(start, start + headerLength))
  }
  return { headers }
}
