/**
 * `blocks/1`: hashes, answered by one reply per hash in the order asked.
 *
 * Source: proto/blocks.proto; docs/protocol/peers.md#blocks
 */
import { WireError } from '../errors.ts'
import { fieldLimits, maxBlockBytes } from '../limits.ts'
import { copyAll, copyBytes, hashesField, hashLength, optionalFixedField, ownValue } from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** A request for blocks. */
export interface GetBlocks {
  /** 1 to 128 block hashes of 32 bytes. */
  readonly hashes: readonly Uint8Array[]
}

/** The answer for one hash: the raw block with witness (at most 4,000,000 bytes), or that it is not there. */
export type BlockReply =
  | { readonly kind: 'block'; readonly block: Uint8Array }
  | { readonly kind: 'not-found'; readonly hash: Uint8Array }

const getBlocksShape: FrameShape = {
  message: 'GetBlocks',
  fields: { 1: hashesField('hashes', fieldLimits.blockHashes) },
}

const blockReplyShape: FrameShape = {
  message: 'BlockReply',
  oneOf: true,
  fields: {
    1: { kind: 'bytes', name: 'block', minLength: 1, maxLength: maxBlockBytes },
    2: optionalFixedField('notFound', hashLength),
  },
}

interface BlockReplyFields {
  readonly block?: Uint8Array | null
  readonly notFound?: Uint8Array | null
}

/**
 * The bytes of a request for blocks.
 *
 * @throws {WireError} when there are too many or too few hashes or one is not 32 bytes long
 */
export function encodeGetBlocks(request: GetBlocks): Uint8Array {
  return encodeFields(getBlocksShape, request)
}

/**
 * Reads a request for blocks.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeGetBlocks(bytes: Uint8Array): GetBlocks {
  return { hashes: copyAll(decodeFields<GetBlocks>(getBlocksShape, bytes).hashes) }
}

/**
 * The bytes of a reply.
 *
 * @throws {WireError} when the block is too long or the hash not 32 bytes long
 */
export function encodeBlockReply(reply: BlockReply): Uint8Array {
  return encodeFields<BlockReplyFields>(
    blockReplyShape,
    reply.kind === 'block' ? { block: reply.block } : { notFound: reply.hash },
  )
}

/**
 * Reads a reply. The block is a view into `bytes`, unless they hold something else, too.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeBlockReply(bytes: Uint8Array): BlockReply {
  const { block, notFound } = decodeFields<BlockReplyFields>(blockReplyShape, bytes)
  if (block != null) return { kind: 'block', block: ownValue(block) }
  if (notFound != null) return { kind: 'not-found', hash: copyBytes(notFound) }
  throw new WireError('message-malformed', 'BlockReply holds neither a block nor a hash.', {
    message: 'BlockReply',
  })
}
