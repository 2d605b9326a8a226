/**
 * The key file: one JSON document that holds the encrypted words of a wallet, and in clear what is not secret.
 *
 * The account's extended public key stands in clear, so that addresses and balances need no passphrase: whoever reads
 * the file sees all addresses and can spend nothing. What stands in clear is authenticated whenever the words are
 * decrypted. The checksum tells damage from a wrong passphrase; it is no protection against people.
 *
 * Not for writing it (`keystore.ts`).
 */
import { readFileIfThere } from '@chain/cli'
import { toHex } from '@chain/core/bytes'
import { sha256 } from '@chain/core/crypto'
import { z } from 'zod'
import { keyFileCorrupt, keyFileNewer, keyFileUnusable } from '../errors.ts'
import type { EncryptedSecret } from './encryption.ts'

/** What stands in clear in a key file. */
export interface KeyFacts {
  readonly format: 'chain-wallet-key'
  readonly version: 1
  readonly network: { readonly name: string /** Id of the chain spec. */; readonly specId: string }
  /** When the file was made, ISO 8601. */
  readonly createdAt: string
  /** Unix time before which nobody can have paid the wallet; 0 when that is not known. */
  readonly birthday: number
  readonly account: { readonly path: string; readonly extendedPublicKey: string }
}

/** A key file. */
export interface KeyFile extends KeyFacts, EncryptedSecret {
  /** SHA-256 of all that stands before it. */
  readonly checksum: string
}

/** Longest key file that is read, in bytes; ours have about 900. */
const MAX_LENGTH = 10_000

function hex(bytes: number): z.ZodString {
  return z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
}

/** The bounds of the cost keep a damaged or foreign file from asking for more than a gibibyte of memory. */
const schema = z.strictObject({
  format: z.literal('chain-wallet-key'),
  version: z.literal(1),
  network: z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,32}$/), specId: hex(4) }),
  createdAt: z.iso.datetime(),
  birthday: z.int().min(0).max(0xffffffff),
  account: z.strictObject({
    path: z.string().regex(/^m(\/\d{1,10}'){3}$/),
    extendedPublicKey: z.string().regex(/^xpub\w{100,120}$/),
  }),
  kdf: z
    .strictObject({
      name: z.literal('scrypt'),
      N: z.int().min(2),
      r: z.int().min(1).max(32),
      p: z.int().min(1).max(16),
      salt: hex(32),
    })
    .refine(({ N, r }) => Number.isInteger(Math.log2(N)) && N * r <= 2 ** 23),
  cipher: z.strictObject({
    name: z.literal('xchacha20-poly1305'),
    nonce: hex(24),
    text: z.string().regex(/^([0-9a-f]{64}|[0-9a-f]{96})$/),
  }),
  checksum: hex(32),
})

/** The bytes that are authenticated beside the secret. */
export function contextOf(facts: KeyFacts): Uint8Array {
  const { format, version, network, createdAt, birthday, account } = facts
  const { path, extendedPublicKey } = account
  const values = [format, version, network.name, network.specId, createdAt, birthday, path, extendedPublicKey]
  return utf8(JSON.stringify(values))
}

/** What stands in clear in a key file. */
export function factsOf({ format, version, network, createdAt, birthday, account }: KeyFile): KeyFacts {
  return { format, version, network, createdAt, birthday, account }
}

/** The text of a key file. */
export function formatKeyFile(facts: KeyFacts, secret: EncryptedSecret): string {
  const document = { ...facts, ...secret }
  return `${JSON.stringify({ ...document, checksum: checksumOf(document) }, undefined, 2)}\n`
}

/**
 * Reads a key file, or returns `undefined` when there is none.
 *
 * @throws {OperationalError} `key-file-corrupt`, `key-file-newer`, `key-file-unusable`
 */
export function readKeyFile(file: string): KeyFile | undefined {
  const text = readText(file)
  if (text === undefined) return undefined
  const document = parseJson(file, text)
  const version = versionOf(document)
  if (version !== undefined && version > 1) throw keyFileNewer(file, version)
  const { success, data } = schema.safeParse(document)
  if (!success) throw keyFileCorrupt(file, 'its fields are not those of a key file')
  const { checksum, ...rest } = data
  if (checksumOf(rest) !== checksum) throw keyFileCorrupt(file, 'its checksum does not match')
  return data
}

function readText(file: string): string | undefined {
  try {
    return readFileIfThere(file)?.slice(0, MAX_LENGTH)
  } catch (cause) {
    throw keyFileUnusable(file, cause)
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw keyFileCorrupt(file, 'it is not JSON', error)
  }
}

function versionOf(document: unknown): number | undefined {
  if (typeof document !== 'object' || document === null || !('version' in document)) return undefined
  return typeof document.version === 'number' ? document.version : undefined
}

/** Over the values in the order of the schema, whatever the order in the file. */
function checksumOf(document: KeyFacts & EncryptedSecret): string {
  const { kdf, cipher } = document
  const values = [kdf.name, kdf.N, kdf.r, kdf.p, kdf.salt, cipher.name, cipher.nonce, cipher.text]
  return toHex(sha256(utf8(toHex(contextOf(document)) + JSON.stringify(values))))
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
