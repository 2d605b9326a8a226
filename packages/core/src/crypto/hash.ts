/**
 * The hash functions of the protocol. Results are in the order the function yields them; texts of block hashes and
 * transaction ids are byte-reversed (`primitives/ids`).
 */
import { ripemd160 } from '@noble/hashes/legacy.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { type Bytes, concatBytes } from '../bytes/index.ts'

/** SHA-256: 32 bytes. Source: FIPS 180-4. */
export function sha256(bytes: Bytes): Uint8Array {
  return nobleSha256(bytes)
}

/** SHA-256 of SHA-256: 32 bytes. What Bitcoin calls the hash of a block or transaction. */
export function hash256(bytes: Bytes): Uint8Array {
  return nobleSha256(nobleSha256(bytes))
}

/** RIPEMD-160 of SHA-256: 20 bytes, the hash in P2WPKH addresses. */
export function hash160(bytes: Bytes): Uint8Array {
  return ripemd160(nobleSha256(bytes))
}

/**
 * SHA-256 under a domain tag: `SHA256(SHA256(tag) || SHA256(tag) || message)`.
 *
 * Source: BIP340, "Design".
 */
export function taggedHash(tag: string, message: Bytes): Uint8Array {
  let prefix = tagPrefixes.get(tag)
  if (prefix === undefined) {
    const tagHash = nobleSha256(utf8ToBytes(tag))
    prefix = concatBytes(tagHash, tagHash)
    tagPrefixes.set(tag, prefix)
  }
  return nobleSha256(concatBytes(prefix, message))
}

/** Bounded by the handful of tags in the protocol's own code. */
const tagPrefixes: Map<string, Uint8Array> = new Map()
