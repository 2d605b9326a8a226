/**
 * Where a node's identity is kept: the file `identity.key` of the data directory, hexadecimal, readable by its owner
 * alone. A node is the same peer after every restart.
 */
import { join } from 'node:path'
import { readFileIfThere, replacePrivateFile } from '@chain/cli'
import { fromHex, toHex } from '@chain/core/bytes'
import { sha256 } from '@chain/core/crypto'
import { OperationalError } from '@chain/core/errors'
import { createIdentity, type Identity, identityFromBytes, identityToBytes } from '@chain/p2p'

/** File of the identity inside the data directory. */
export const IDENTITY_FILE = 'identity.key'

/**
 * The identity of a data directory, made at the first use.
 *
 * @throws {OperationalError} `identity-unreadable` when the file is not what this function wrote
 */
export async function loadIdentity(directory: string): Promise<Identity> {
  const file = join(directory, IDENTITY_FILE)
  const content = readFileIfThere(file)
  if (content !== undefined) return parseIdentity(file, content)
  const identity = await createIdentity()
  replacePrivateFile(file, `${toHex(identityToBytes(identity))}\n`)
  return identity
}

/**
 * The identity that a number stands for, always the same: for tests and demonstrations. It is not written down.
 *
 * @param seed - 0 to 2^53 - 1
 */
export function identityFromSeed(seed: number): Promise<Identity> {
  return createIdentity(sha256(new TextEncoder().encode(`chain identity seed ${seed}`)))
}

function parseIdentity(file: string, content: string): Identity {
  try {
    return identityFromBytes(fromHex(content.trim()))
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): OperationalError {
  return new OperationalError(
    'identity-unreadable',
    `The file ${file} does not hold a private key: restore it from a copy, or remove it to become a new peer.`,
    { file },
    { cause },
  )
}
