/**
 * Field shapes that several messages share.
 */
import { maxRelayedTransactionBytes } from '../limits.ts'
import type { BytesField, IntegerField } from './message-shape.ts'

/** Length of a hash, in bytes. */
export const hashLength = 32

/** Length of a block header, in bytes. */
export const headerLength = 80

/** A 32-bit unsigned integer; absent means 0. */
export function uint32Field(name: string): IntegerField {
  return { kind: 'uint32', name }
}

/** Exactly `length` bytes that must be there. */
export function fixedField(name: string, length: number): BytesField {
  return { kind: 'bytes', name, minLength: length, maxLength: length, minCount: 1 }
}

/** Exactly `length` bytes, or nothing. */
export function optionalFixedField(name: string, length: number): BytesField {
  return { kind: 'bytes', name, minLength: length, maxLength: length }
}

/** From one hash to `maxCount` hashes. */
export function hashesField(name: string, maxCount: number): BytesField {
  return { ...fixedField(name, hashLength), maxCount }
}

/** UTF-8 of at most `maxLength` bytes without control characters; absent means empty. */
export function textField(name: string, maxLength: number): BytesField {
  return { kind: 'text', name, minLength: 0, maxLength }
}

/** A raw transaction of a size that is relayed; absent unless `minCount` is 1. */
export function transactionField(name: string, minCount: 0 | 1): BytesField {
  return { kind: 'bytes', name, minLength: 1, maxLength: maxRelayedTransactionBytes, minCount }
}

/** A copy, so that a hash that is kept does not keep the whole frame. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return bytes.slice()
}

/** Copies of all. */
export function copyAll(items: readonly Uint8Array[]): Uint8Array[] {
  return items.map(copyBytes)
}

/** Most bytes of a frame before the value of its only field: its number and its length. */
const maxFieldPrefix = 5

/**
 * The value of the only field of a frame, as it is; a copy of one that stands beside others. What is kept is counted by its own
 * length, and must not keep a frame that was filled up with fields which nobody knows.
 */
export function ownValue(value: Uint8Array): Uint8Array {
  return value.buffer.byteLength - value.length > maxFieldPrefix ? value.slice() : value
}
