/**
 * `proofs/1`: transactions of a block, answered by the proof that they are in it.
 *
 * Source: proto/proofs.proto; docs/protocol/light-clients.md#proofs
 */
import { WireError } from '../errors.ts'
import { fieldLimits, maxBlockBytes } from '../limits.ts'
import {
  copyAll,
  copyBytes,
  fixedField,
  hashesField,
  hashLength,
  optionalFixedField,
  ownValue,
} from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** A request for the proof that transactions are in a block; it asks for one transaction at least. */
export interface GetProof {
  /** Hash of the block, 32 bytes. */
  readonly block: Uint8Array
  /** 0 to 100 ids of 32 bytes. */
  readonly txids: readonly Uint8Array[]
  /** Whether the coinbase is to be proven too, whatever its id. */
  readonly coinbase: boolean
  /** Whether the raw transactions are wanted too. */
  readonly transactions: boolean
}

/**
 * One frame of the answer to a {@link GetProof}: the proof as BIP37 writes a Merkle block (at most 65,536 bytes), then each
 * proven transaction with witness (at most 4,000,000 bytes); or that the block is not there.
 */
export type ProofReply =
  | { readonly kind: 'proof'; readonly merkleBlock: Uint8Array }
  | { readonly kind: 'transaction'; readonly transaction: Uint8Array }
  | { readonly kind: 'not-found'; readonly hash: Uint8Array }

const getProofShape: FrameShape = {
  message: 'GetProof',
  fields: {
    1: fixedField('block', hashLength),
    2: { ...hashesField('txids', fieldLimits.provenTransactions), minCount: 0 },
    3: { kind: 'bool', name: 'coinbase' },
    4: { kind: 'bool', name: 'transactions' },
  },
}

const replyShape: FrameShape = {
  message: 'ProofReply',
  oneOf: true,
  fields: {
    1: { kind: 'bytes', name: 'merkleBlock', minLength: 1, maxLength: fieldLimits.merkleBlockBytes },
    2: { kind: 'bytes', name: 'transaction', minLength: 1, maxLength: maxBlockBytes },
    3: optionalFixedField('notFound', hashLength),
  },
}

interface ReplyFields {
  readonly merkleBlock?: Uint8Array | null
  readonly transaction?: Uint8Array | null
  readonly notFound?: Uint8Array | null
}

/**
 * The bytes of a request.
 *
 * @throws {WireError} when it asks for no transaction or too many, or a hash is not 32 bytes long
 */
export function encodeGetProof(request: GetProof): Uint8Array {
  checkWanted(request)
  return encodeFields(getProofShape, request)
}

/**
 * Reads a request.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeGetProof(bytes: Uint8Array): GetProof {
  const fields = decodeFields<GetProof>(getProofShape, bytes)
  checkWanted(fields)
  const { block, txids, coinbase, transactions } = fields
  return { block: copyBytes(block), txids: copyAll(txids), coinbase, transactions }
}

/**
 * The bytes of one frame of an answer.
 *
 * @throws {WireError} when the proof or the transaction is too long, or the hash not 32 bytes long
 */
export function encodeProofReply(reply: ProofReply): Uint8Array {
  return encodeFields<ReplyFields>(replyShape, toFields(reply))
}

/**
 * Reads one frame of an answer. Proof and transaction are views into `bytes`, unless they hold something else, too.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeProofReply(bytes: Uint8Array): ProofReply {
  const { merkleBlock, transaction, notFound } = decodeFields<ReplyFields>(replyShape, bytes)
  if (merkleBlock != null) return { kind: 'proof', merkleBlock: ownValue(merkleBlock) }
  if (transaction != null) return { kind: 'transaction', transaction: ownValue(transaction) }
  if (notFound != null) return { kind: 'not-found', hash: copyBytes(notFound) }
  throw new WireError('message-malformed', 'ProofReply says nothing.', { message: 'ProofReply' })
}

function checkWanted({ txids, coinbase }: Pick<GetProof, 'txids' | 'coinbase'>): void {
  if (txids.length > 0 || coinbase) return
  throw new WireError('message-malformed', 'GetProof asks for no transaction.', { message: 'GetProof' })
}

function toFields(reply: ProofReply): ReplyFields {
  switch (reply.kind) {
    case 'proof':
      return { merkleBlock: reply.merkleBlock }
    case 'transaction':
      return { transaction: reply.transaction }
    case 'not-found':
      return { notFound: reply.hash }
  }
}
