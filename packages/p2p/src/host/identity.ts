/**
 * The Ed25519 key that makes a node the same peer after every restart.
 *
 * Not for where it is kept: the program reads and writes the bytes.
 */
import { ParseError } from '@chain/core/errors'
import {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromProtobuf,
  privateKeyToProtobuf,
} from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey, PrivateKey } from '@libp2p/interface'

/** The private key of a node; its peer id follows from it. */
export type Identity = Ed25519PrivateKey

/**
 * A new identity, random or from a seed of 32 bytes (the same seed always gives the same identity: for tests only).
 */
export async function createIdentity(seed?: Uint8Array): Promise<Identity> {
  return seed === undefined
    ? await generateKeyPair('Ed25519')
    : await generateKeyPairFromSeed('Ed25519', seed)
}

/** The identity as libp2p's protobuf of a private key. Secret. */
export function identityToBytes(identity: Identity): Uint8Array {
  return privateKeyToProtobuf(identity)
}

/**
 * Reads what {@link identityToBytes} wrote.
 *
 * @throws {ParseError} `identity-malformed`
 */
export function identityFromBytes(bytes: Uint8Array): Identity {
  const key = readKey(bytes)
  if (key.type === 'Ed25519') return key
  throw new ParseError('identity-malformed', `The identity is a key of type ${key.type}, not Ed25519.`)
}

function readKey(bytes: Uint8Array): PrivateKey {
  try {
    return privateKeyFromProtobuf(bytes)
  } catch (cause) {
    throw malformed(cause)
  }
}

function malformed(cause: unknown): ParseError {
  return new ParseError('identity-malformed', 'The identity is not a private key.', {}, { cause })
}
