/**
 * What the RPC methods of the hash table share: the table itself, their parameters, and values as JSON.
 */
import { rpcCodes } from '@chain/cli'
import { fromHex, toHex } from '@chain/core/bytes'
import type { FoundValue, HashTable } from '@chain/p2p'
import { z } from 'zod'
import type { RpcContext } from './context.ts'
import { RpcError } from './rpc-error.ts'

/** A peer id; the hash table says what is wrong with it. */
export const peerIdParameter: z.ZodType<string> = z.string().min(1).max(100)

/** The text that stands for a key that is provided; the hash table says what is wrong with it. */
export const providerKeyParameter: z.ZodType<string> = z.string().max(1_000)

/** A value as the RPC shows it. */
export interface ValueJson {
  readonly key: string
  /** Absent when the bytes are no UTF-8. */
  readonly value?: string
  readonly hex: string
  readonly sequence: number
  /** Unix seconds. */
  readonly expires: number
}

/** The hash table of the node. @throws {RpcError} `hash-table-off` */
export function hashTableOf({ hashTable }: Pick<RpcContext, 'hashTable'>): HashTable {
  if (hashTable !== undefined) return hashTable
  throw new RpcError(
    rpcCodes.miscellaneous,
    'hash-table-off',
    'This node takes no part in the hash table: start it without --no-dht and --connect.',
  )
}

/** A value with its key, as text where it is text. */
export function valueJson({ key, value, sequence, expires }: FoundValue): ValueJson {
  const text = tryDecode(value)
  return { key, ...(text === undefined ? {} : { value: text }), hex: toHex(value), sequence, expires }
}

/** The bytes that a text stands for. @throws {ParseError} `hex-malformed` */
export function valueBytes(text: string, encoding: 'text' | 'hex'): Uint8Array {
  return encoding === 'hex' ? fromHex(text) : new TextEncoder().encode(text)
}

function tryDecode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Bytes that are no text are shown as hexadecimal digits alone.
    return undefined
  }
}
