/**
 * `filters/1`: a range of blocks, answered by their filter headers or their filters.
 *
 * Source: proto/filters.proto; docs/protocol/light-clients.md#filters
 */
import { WireError } from '../errors.ts'
import { fieldLimits } from '../limits.ts'
import { copyBytes, fixedField, hashLength, optionalFixedField, uint32Field } from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'
import type { MessageField } from './message-shape.ts'

/** A request for what belongs to a range of blocks: their filter headers, or their filters. */
export interface FilterRequest {
  readonly kind: 'headers' | 'filters'
  /** Height of the first block, below 2**32. */
  readonly startHeight: number
  /** Hash of the last block, 32 bytes. */
  readonly stop: Uint8Array
}

/**
 * One frame of the answer to a {@link FilterRequest}.
 *
 * - `headers`: the filter header before the range (32 bytes), and the double SHA-256 of each filter of the range (1 to 2,000
 *   of 32 bytes), ascending.
 * - `filter`: the basic filter (1 to 262,144 bytes) of a block, named by its hash.
 * - `not-found`: a block that is not part of the answering node's chain; `not-indexed`: one whose filter it does not have yet.
 */
export type FilterReply =
  | { readonly kind: 'headers'; readonly previous: Uint8Array; readonly hashes: readonly Uint8Array[] }
  | { readonly kind: 'filter'; readonly block: Uint8Array; readonly filter: Uint8Array }
  | { readonly kind: 'not-found' | 'not-indexed'; readonly hash: Uint8Array }

function rangeField(name: string): MessageField {
  const fields = { 1: uint32Field('startHeight'), 2: fixedField('stop', hashLength) }
  return { kind: 'message', name, shape: { message: 'FilterRange', fields } }
}

const requestShape: FrameShape = {
  message: 'FilterRequest',
  oneOf: true,
  fields: { 1: rangeField('headers'), 2: rangeField('filters') },
}

const hashesField = {
  kind: 'bytes',
  name: 'hashes',
  minLength: hashLength,
  maxLength: fieldLimits.filterHeaders * hashLength,
  multipleOf: hashLength,
  minCount: 1,
} as const

const filterField = {
  kind: 'bytes',
  name: 'filter',
  minLength: 1,
  maxLength: fieldLimits.filterBytes,
  minCount: 1,
} as const

const replyShape: FrameShape = {
  message: 'FilterReply',
  oneOf: true,
  fields: {
    1: {
      kind: 'message',
      name: 'headers',
      shape: { message: 'FilterHeaders', fields: { 1: fixedField('previous', hashLength), 2: hashesField } },
    },
    2: {
      kind: 'message',
      name: 'filter',
      shape: { message: 'BlockFilter', fields: { 1: fixedField('block', hashLength), 2: filterField } },
    },
    3: optionalFixedField('notFound', hashLength),
    4: optionalFixedField('notIndexed', hashLength),
  },
}

interface RangeFields {
  readonly startHeight: number
  readonly stop: Uint8Array
}

interface RequestFields {
  readonly headers?: RangeFields | null
  readonly filters?: RangeFields | null
}

interface ReplyFields {
  readonly headers?: { readonly previous: Uint8Array; readonly hashes: Uint8Array } | null
  readonly filter?: { readonly block: Uint8Array; readonly filter: Uint8Array } | null
  readonly notFound?: Uint8Array | null
  readonly notIndexed?: Uint8Array | null
}

/**
 * The bytes of a request.
 *
 * @throws {WireError} when the hash is not 32 bytes long
 */
export function encodeFilterRequest({ kind, startHeight, stop }: FilterRequest): Uint8Array {
  return encodeFields<RequestFields>(requestShape, { [kind]: { startHeight, stop } })
}

/**
 * Reads a request.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeFilterRequest(bytes: Uint8Array): FilterRequest {
  const { headers, filters } = decodeFields<RequestFields>(requestShape, bytes)
  if (headers != null) return { kind: 'headers', ...copyRange(headers) }
  if (filters != null) return { kind: 'filters', ...copyRange(filters) }
  throw malformed('FilterRequest', 'asks for nothing')
}

/**
 * The bytes of one frame of an answer.
 *
 * @throws {WireError} when there are too many or too few hashes, a hash is not 32 bytes long, or the filter is too long
 */
export function encodeFilterReply(reply: FilterReply): Uint8Array {
  return encodeFields<ReplyFields>(replyShape, toFields(reply))
}

/**
 * Reads one frame of an answer. A filter is a view into `bytes`; hashes share one copy.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeFilterReply(bytes: Uint8Array): FilterReply {
  const { headers, filter, notFound, notIndexed } = decodeFields<ReplyFields>(replyShape, bytes)
  if (headers != null) {
    return { kind: 'headers', previous: copyBytes(headers.previous), hashes: splitHashes(headers.hashes) }
  }
  if (filter != null) return { kind: 'filter', block: copyBytes(filter.block), filter: filter.filter }
  if (notFound != null) return { kind: 'not-found', hash: copyBytes(notFound) }
  if (notIndexed != null) return { kind: 'not-indexed', hash: copyBytes(notIndexed) }
  throw malformed('FilterReply', 'says nothing')
}

function toFields(reply: FilterReply): ReplyFields {
  switch (reply.kind) {
    case 'headers':
      return { headers: { previous: reply.previous, hashes: joinHashes(reply.hashes) } }
    case 'filter':
      return { filter: { block: reply.block, filter: reply.filter } }
    case 'not-found':
      return { notFound: reply.hash }
    case 'not-indexed':
      return { notIndexed: reply.hash }
  }
}

function copyRange({ startHeight, stop }: RangeFields): RangeFields {
  return { startHeight, stop: copyBytes(stop) }
}

function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * hashLength)
  for (const [index, hash] of hashes.entries()) {
    if (hash.length !== hashLength) throw malformed('FilterReply', `has a hash of ${hash.length} bytes`)
    joined.set(hash, index * hashLength)
  }
  return joined
}

function splitHashes(joined: Uint8Array): Uint8Array[] {
  const all = copyBytes(joined)
  return Array.from({ length: all.length / hashLength }, (_, index) =>
    all.subarray(index * hashLength, (index + 1) * hashLength),
  )
}

function malformed(message: 'FilterRequest' | 'FilterReply', what: string): WireError {
  return new WireError('message-malformed', `${message} ${what}.`, { message })
}
