/**
 * `submit/1`: a transaction, answered by a verdict.
 *
 * Source: proto/submit.proto; docs/protocol/peers.md#submit
 */
import { WireError } from '../errors.ts'
import { fieldLimits } from '../limits.ts'
import {
  copyBytes,
  hashLength,
  optionalFixedField,
  ownValue,
  textField,
  transactionField,
} from './field-shapes.ts'
import { decodeFields, encodeFields, type FrameShape } from './message-codec.ts'

/** A transaction handed to a node for its mempool and for relay. */
export interface Submit {
  /** The raw transaction with witness, at most 400,000 bytes. */
  readonly transaction: Uint8Array
}

/** The verdict on a {@link Submit}; a refusal has no id when the bytes were no transaction. */
export type SubmitReply =
  | { readonly accepted: true; readonly txid: Uint8Array }
  | {
      readonly accepted: false
      readonly txid?: Uint8Array
      /** Kebab-case code of the broken rule, 1 to 64 bytes. */
      readonly code: string
      /** The reason as a sentence, at most 512 bytes. */
      readonly sentence: string
    }

const submitShape: FrameShape = {
  message: 'Submit',
  fields: { 1: transactionField('transaction', 1) },
}

const replyShape: FrameShape = {
  message: 'SubmitReply',
  fields: {
    1: { kind: 'bool', name: 'accepted' },
    2: optionalFixedField('txid', hashLength),
    3: textField('code', fieldLimits.submitCodeBytes),
    4: textField('sentence', fieldLimits.submitSentenceBytes),
  },
}

interface SubmitReplyFields {
  readonly accepted: boolean
  readonly txid: Uint8Array
  readonly code: string
  readonly sentence: string
}

/**
 * The bytes of a submission.
 *
 * @throws {WireError} when the transaction is empty or too long
 */
export function encodeSubmit(submit: Submit): Uint8Array {
  return encodeFields(submitShape, submit)
}

/**
 * Reads a submission. The transaction is a view into `bytes`, unless they hold something else, too.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeSubmit(bytes: Uint8Array): Submit {
  return { transaction: ownValue(decodeFields<Submit>(submitShape, bytes).transaction) }
}

/**
 * The bytes of a verdict.
 *
 * @throws {WireError} when a field is out of its bounds
 */
export function encodeSubmitReply(reply: SubmitReply): Uint8Array {
  return encodeFields(replyShape, reply)
}

/**
 * Reads a verdict.
 *
 * @throws {WireError} when the bytes are none
 */
export function decodeSubmitReply(bytes: Uint8Array): SubmitReply {
  const { accepted, txid, code, sentence } = decodeFields<SubmitReplyFields>(replyShape, bytes)
  if (accepted) {
    if (txid.length === 0) throw malformed('accepts a transaction without naming it')
    return { accepted, txid: copyBytes(txid) }
  }
  if (code === '') throw malformed('refuses a transaction without a code')
  const refusal = { accepted, code, sentence } as const
  return txid.length === 0 ? refusal : { ...refusal, txid: copyBytes(txid) }
}

function malformed(what: string): WireError {
  return new WireError('message-malformed', `SubmitReply ${what}.`, { message: 'SubmitReply' })
}
