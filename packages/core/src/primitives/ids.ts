/**
 * The 32-byte names of blocks and transactions, and how they are written.
 *
 * Inside, a hash is the bytes that SHA-256 yields. As text it is byte-reversed hexadecimal, as in every Bitcoin tool,
 * so that the zeros of the proof of work stand in front.
 */
import { abbreviate, type Bytes, fromHex, reverseBytes, toHex } from '../bytes/index.ts'
import { ParseError } from '../errors/index.ts'

declare const kind: unique symbol

/** Hash of a block header: 32 bytes in hash order. */
export type BlockHash = Uint8Array & { readonly [kind]?: 'block' }

/** Hash of a transaction without its witness: 32 bytes in hash order. */
export type Txid = Uint8Array & { readonly [kind]?: 'txid' }

/** Hash of a transaction with its witness: 32 bytes in hash order. */
export type Wtxid = Uint8Array & { readonly [kind]?: 'wtxid' }

/** 32 zero bytes: the parent of a genesis block, the outpoint of a coinbase. */
export const ZERO_HASH: Uint8Array = new Uint8Array(32)

/** The text of a hash: 64 hexadecimal digits, last byte first. */
export function formatHash(hash: Bytes): string {
  return toHex(reverseBytes(hash))
}

/**
 * Reads the text of a hash: 64 hexadecimal digits, last byte first.
 *
 * @throws {ParseError} `hash-malformed`
 */
export function parseHash(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) {
    throw new ParseError('hash-malformed', `"${abbreviate(text)}" is not a hash of 64 hexadecimal digits.`, {
      text,
    })
  }
  return fromHex(text).reverse()
}
