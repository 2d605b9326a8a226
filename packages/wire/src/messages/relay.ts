/**
 * `relay/1`: what two peers tell each other as it happens.
 *
 * Source: proto/relay.proto; docs/protocol/peers.md#relay
 */
import { fieldLimits } from '../limits.ts'
import {
  copyAll,
  copyBytes,
  fixedField,
  hashesField,
  hashLength,
  headerLength,
  optionalFixedField,
  ownValue,
  transactionField,
  uint32Field,
} from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'
import type { BytesField, MessageField } from './message-shape.ts'

/** Ids of transactions, 1 to 1,000 of 32 bytes. */
export interface TransactionIds<Kind extends string> {
  readonly kind: Kind
  readonly transactions: readonly Uint8Array[]
}

/**
 * One message of a relay stream.
 *
 * - `inventory`: the sender has these transactions; `get-data`: it wants them; `not-found`: it was asked and has them not.
 * - `transaction`: a raw transaction with witness, at most 400,000 bytes.
 * - `new-block`: the 80-byte header of the sender's new tip.
 * - `fee-filter`: base units per 1,000 virtual bytes below which the sender wants no transaction.
 * - `compact-mode`: the sender understands the kinds below; with `highBandwidth` it wants compact blocks without asking.
 * - `compact-block`: a block in the compact form of BIP152, version 2; at most 400,000 bytes.
 * - `get-compact-block`: the sender wants that form of the block with this hash.
 * - `get-block-transactions`: which transactions of a block it wants (BIP152), at most 51,200 bytes.
 * - `block-transactions`: these transactions (BIP152), at most 400,000 bytes.
 * - `no-compact-block`: it gives neither the compact form of this block nor its transactions.
 * - `unknown`: a kind of a later version; to be ignored.
 */
export type RelayMessage =
  | TransactionIds<'inventory'>
  | TransactionIds<'get-data'>
  | TransactionIds<'not-found'>
  | { readonly kind: 'transaction'; readonly transaction: Uint8Array }
  | { readonly kind: 'new-block'; readonly header: Uint8Array }
  | { readonly kind: 'fee-filter'; readonly feeRate: number }
  | { readonly kind: 'compact-mode'; readonly highBandwidth: boolean }
  | { readonly kind: 'compact-block'; readonly block: Uint8Array }
  | { readonly kind: 'get-compact-block' | 'no-compact-block'; readonly hash: Uint8Array }
  | { readonly kind: 'get-block-transactions'; readonly request: Uint8Array }
  | { readonly kind: 'block-transactions'; readonly answer: Uint8Array }
  | { readonly kind: 'unknown' }

/** A message that this version can write. */
export type KnownRelayMessage = Exclude<RelayMessage, { kind: 'unknown' }>

const transactionIds = { 1: hashesField('transactions', fieldLimits.inventoryItems) }

/** Header, nonce and two counts. */
const minCompactBlockBytes = 90

/** Hash and count. */
const minBlockQuestionBytes = 33

function bytesField(name: string, minLength: number, maxLength: number): BytesField {
  return { kind: 'bytes', name, minLength, maxLength }
}

function nested(name: string, shape: MessageField['shape']): MessageField {
  return { kind: 'message', name, shape }
}

const shape: FrameShape = {
  message: 'RelayMessage',
  oneOf: true,
  fields: {
    1: nested('inventory', { message: 'Inventory', fields: transactionIds }),
    2: nested('getData', { message: 'GetData', fields: transactionIds }),
    3: transactionField('transaction', 0),
    4: nested('newBlock', { message: 'NewBlock', fields: { 1: fixedField('header', headerLength) } }),
    5: nested('notFound', { message: 'NotFound', fields: transactionIds }),
    6: nested('feeFilter', { message: 'FeeFilter', fields: { 1: uint32Field('feeRate') } }),
    7: bytesField('compactBlock', minCompactBlockBytes, fieldLimits.compactBlockBytes),
    8: bytesField('getBlockTransactions', minBlockQuestionBytes, fieldLimits.blockIndexesBytes),
    9: bytesField('blockTransactions', minBlockQuestionBytes, fieldLimits.blockTransactionsBytes),
    10: nested('compactMode', {
      message: 'CompactMode',
      fields: { 1: { kind: 'bool', name: 'highBandwidth' } },
    }),
    11: optionalFixedField('getCompactBlock', hashLength),
    12: optionalFixedField('noCompactBlock', hashLength),
  },
}

interface IdsFields {
  readonly transactions: readonly Uint8Array[]
}

interface RelayFields {
  readonly inventory?: IdsFields | null
  readonly getData?: IdsFields | null
  readonly transaction?: Uint8Array | null
  readonly newBlock?: { readonly header: Uint8Array } | null
  readonly notFound?: IdsFields | null
  readonly feeFilter?: { readonly feeRate: number } | null
  readonly compactBlock?: Uint8Array | null
  readonly getBlockTransactions?: Uint8Array | null
  readonly blockTransactions?: Uint8Array | null
  readonly compactMode?: { readonly highBandwidth: boolean } | null
  readonly getCompactBlock?: Uint8Array | null
  readonly noCompactBlock?: Uint8Array | null
}

/**
 * The bytes of a relay message.
 *
 * @throws {WireError} when a field is out of its bounds
 */
export function encodeRelayMessage(message: KnownRelayMessage): Uint8Array {
  return encodeFields(shape, toFields(message))
}

/**
 * Reads a relay message. A raw transaction, a compact block and transactions of a block are views into `bytes`, unless they
 * hold something else, too.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeRelayMessage(bytes: Uint8Array): RelayMessage {
  return fromFields(decodeFields<RelayFields>(shape, bytes))
}

function toFields(message: KnownRelayMessage): RelayFields {
  switch (message.kind) {
    case 'inventory':
      return { inventory: { transactions: message.transactions } }
    case 'get-data':
      return { getData: { transactions: message.transactions } }
    case 'not-found':
      return { notFound: { transactions: message.transactions } }
    case 'transaction':
      return { transaction: message.transaction }
    case 'new-block':
      return { newBlock: { header: message.header } }
    case 'fee-filter':
      return { feeFilter: { feeRate: message.feeRate } }
    case 'compact-mode':
      return { compactMode: { highBandwidth: message.highBandwidth } }
    case 'compact-block':
      return { compactBlock: message.block }
    case 'get-compact-block':
      return { getCompactBlock: message.hash }
    case 'no-compact-block':
      return { noCompactBlock: message.hash }
    case 'get-block-transactions':
      return { getBlockTransactions: message.request }
    case 'block-transactions':
      return { blockTransactions: message.answer }
  }
}

function fromFields(fields: RelayFields): RelayMessage {
  const { inventory, getData, notFound, transaction, newBlock, feeFilter } = fields
  if (inventory != null) return { kind: 'inventory', transactions: copyAll(inventory.transactions) }
  if (getData != null) return { kind: 'get-data', transactions: copyAll(getData.transactions) }
  if (notFound != null) return { kind: 'not-found', transactions: copyAll(notFound.transactions) }
  if (transaction != null) return { kind: 'transaction', transaction: ownValue(transaction) }
  if (newBlock != null) return { kind: 'new-block', header: copyBytes(newBlock.header) }
  if (feeFilter != null) return { kind: 'fee-filter', feeRate: feeFilter.feeRate }
  return fromCompactFields(fields)
}

function fromCompactFields(fields: RelayFields): RelayMessage {
  const { compactMode, compactBlock, getCompactBlock, noCompactBlock } = fields
  const { getBlockTransactions, blockTransactions } = fields
  if (compactMode != null) return { kind: 'compact-mode', highBandwidth: compactMode.highBandwidth }
  if (compactBlock != null) return { kind: 'compact-block', block: ownValue(compactBlock) }
  if (getCompactBlock != null) return { kind: 'get-compact-block', hash: copyBytes(getCompactBlock) }
  if (noCompactBlock != null) return { kind: 'no-compact-block', hash: copyBytes(noCompactBlock) }
  if (getBlockTransactions != null) return { kind: 'get-block-transactions', request: getBlockTransactions }
  if (blockTransactions != null) return { kind: 'block-transactions', answer: ownValue(blockTransactions) }
  return { kind: 'unknown' }
}
