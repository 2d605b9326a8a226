/**
 * The hash functions of the protocol that are built on SHA-256. Results are in the order the function yields them; texts
 * of block hashes and transaction ids are byte-reversed (`primitives/ids`).
 */
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { type Bytes, concatBytes } from '../bytes/index.ts'
import { shortenDigest } from './ripemd160.ts'
import { sha256 } from './sha256.ts'

/** RIPEMD-160 of SHA-256: 20 bytes, the hash in P2WPKH addresses. */
export function hash160(bytes: Bytes): Uint8Array {
  return shortenDigest(sha256(bytes))
}

/**
 * SHA-256 under a domain tag: `SHA256(SHA256(tag) || SHA256(tag) || message)`.
 *
 * Source: BIP340, "Design".
 */
export function taggedHash(tag: string, message: Bytes): Uint8Array {
  let prefix = tagPrefixes.get(tag)
  if (prefix === undefined) {
    const tagHash = sha256(utf8ToBytes(tag))
    prefix = concatBytes(tagHash, tagHash)
    tagPrefixes.set(tag, prefix)
  }
  return sha256(concatBytes(prefix, message))
}

/** Bounded by the handful of tags in the protocol's own code. */
const tagPrefixes: Map<string, Uint8Array> = new Map()
