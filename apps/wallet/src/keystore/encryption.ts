/**
 * Encrypts a secret under a passphrase: scrypt makes a key of it, XChaCha20-Poly1305 encrypts and authenticates.
 *
 * Source: RFC 7914 (scrypt); draft-irtf-cfrg-xchacha-03
 */
import { randomBytes, scrypt } from 'node:crypto'
import { fromHex, toHex } from '@chain/core/bytes'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

/** What one guess at a passphrase costs: `128 * N * r` bytes of memory, `p` times. */
export interface ScryptCost {
  /** A power of two. */
  readonly N: number
  readonly r: number
  readonly p: number
}

/** The cost for new key files: 128 MiB and about half a second of one core. */
export const defaultCost: ScryptCost = { N: 2 ** 17, r: 8, p: 1 }

/** A secret that only its passphrase opens, ready for JSON. Byte strings are hexadecimal. */
export interface EncryptedSecret {
  readonly kdf: ScryptCost & { readonly name: 'scrypt' /** 32 random bytes. */; readonly salt: string }
  readonly cipher: {
    readonly name: 'xchacha20-poly1305'
    /** 24 random bytes. */
    readonly nonce: string
    /** The encrypted secret and the 16 bytes that authenticate it. */
    readonly text: string
  }
}

/** Encrypts `secret`; decrypting also checks that `context`, which is not secret, is the same. */
export async function encryptSecret(
  secret: Uint8Array,
  passphrase: string,
  context: Uint8Array,
  cost: ScryptCost = defaultCost,
): Promise<EncryptedSecret> {
  const salt = new Uint8Array(randomBytes(32))
  const nonce = new Uint8Array(randomBytes(24))
  const key = await deriveKey(passphrase, salt, cost)
  const text = xchacha20poly1305(key, nonce, context).encrypt(secret)
  return {
    kdf: { name: 'scrypt', N: cost.N, r: cost.r, p: cost.p, salt: toHex(salt) },
    cipher: { name: 'xchacha20-poly1305', nonce: toHex(nonce), text: toHex(text) },
  }
}

/** The secret, or `undefined` when passphrase or context are not those it was encrypted with. */
export async function decryptSecret(
  { kdf, cipher }: EncryptedSecret,
  passphrase: string,
  context: Uint8Array,
): Promise<Uint8Array | undefined> {
  const key = await deriveKey(passphrase, fromHex(kdf.salt), kdf)
  const box = xchacha20poly1305(key, fromHex(cipher.nonce), context)
  try {
    return box.decrypt(fromHex(cipher.text))
  } catch {
    // The library throws one general error for every failed authentication; anything else was checked by the caller.
    return undefined
  }
}

/** 32 bytes. The passphrase counts in its normal form, so that it fits however it was typed. */
function deriveKey(passphrase: string, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Uint8Array> {
  const maxmem = 128 * N * r + 128 * r * p + 2 ** 20
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKD'), salt, 32, { N, r, p, maxmem }, (error, key) => {
      if (error === null) resolve(new Uint8Array(key))
      else reject(error)
    })
  })
}
