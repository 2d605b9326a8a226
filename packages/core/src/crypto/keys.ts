/**
 * secp256k1 keys as bytes.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { Bytes } from '../bytes/index.ts'

/** Whether `bytes` are a private key: 32 bytes, a number from 1 to the group order less one. */
export function isPrivateKey(bytes: Bytes): boolean {
  return secp256k1.utils.isValidSecretKey(bytes)
}

/** The compressed public key (33 bytes) of a private key (32 bytes). */
export function publicKeyFromPrivate(privateKey: Bytes): Uint8Array {
  return secp256k1.getPublicKey(privateKey, true)
}

/** Whether `bytes` have the form of a compressed public key: 33 bytes, the first 02 or 03. The point is not checked. */
export function isCompressedPublicKey(bytes: Bytes): boolean {
  return bytes.length === 33 && (bytes[0] === 0x02 || bytes[0] === 0x03)
}
