/**
 * Plain operations on byte arrays. Byte order is never implied here: a byte array is in the order it is stored.
 */
import { bytesToHex, concatBytes as concat, hexToBytes } from '@noble/hashes/utils.js'
import { ParseError } from '../errors/index.ts'

/** An immutable view of bytes, by agreement: nobody writes into an array that was given to or by chain. */
export type Bytes = Uint8Array

/** Lower-case hexadecimal text of `bytes`, first byte first. */
export function toHex(bytes: Bytes): string {
  return bytesToHex(bytes)
}

/**
 * Reads hexadecimal text (either case, even length), first byte first.
 *
 * @throws {ParseError} `hex-malformed`
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new ParseError('hex-malformed', `"${abbreviate(text)}" is not hexadecimal.`, { text })
  }
  return hexToBytes(text)
}

/** The parts one after the other, in a new array. */
export function concatBytes(...parts: readonly Bytes[]): Uint8Array {
  return concat(...parts)
}

/** Whether both hold the same bytes. Not constant time: not for secrets. */
export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Order by the first differing byte, then by length: negative, zero or positive as for `Array.prototype.sort`. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The bytes in the opposite order, in a new array. */
export function reverseBytes(bytes: Bytes): Uint8Array {
  return Uint8Array.from(bytes).reverse()
}

/**
 * A string that is equal exactly for equal bytes, for use as a key of `Map` and `Set` (one UTF-16 unit per byte; not
 * for display).
 */
export function bytesKey(bytes: Bytes): string {
  if (bytes.length <= KEY_CHUNK) return String.fromCharCode.apply(undefined, bytes as unknown as number[])
  return bytesKey(bytes.subarray(0, KEY_CHUNK)) + bytesKey(bytes.subarray(KEY_CHUNK))
}

/** Bytes turned into a key in one call: engines limit the number of arguments. */
const KEY_CHUNK = 16_384

/** Unsigned integer of bytes, most significant first. */
export function bigintFromBytes(bytes: Bytes): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`)
}

/**
 * The `length` bytes of an unsigned integer, most significant first.
 *
 * @param value - from 0 up to and without `256 ** length`
 */
export function bigintToBytes(value: bigint, length: number): Uint8Array {
  return fromHex(value.toString(16).padStart(length * 2, '0'))
}

/** A long text cut so that it fits into a sentence. */
export function abbreviate(text: string, limit = 80): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`
}
