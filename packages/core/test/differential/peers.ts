/**
 * The libraries that the protocol's encodings and hashes are compared with, behind one face: `bitcoinjs-lib` and
 * `@scure/btc-signer`. Whatever they throw means that they refuse.
 */
import { equalBytes, toHex } from '@chain/core/bytes'
import { ChainError } from '@chain/core/errors'
import { expect } from 'vitest'

/** How one implementation reads bytes, and what it says of them. */
export interface Reader {
  readonly name: string
  /** Reads bytes and writes them again with all that is compared. Throws when it refuses them. */
  readonly read: (bytes: Uint8Array) => Reading
}

/** What an implementation read. */
export interface Reading {
  /** Written again from what was read. */
  readonly encoded: Uint8Array
  /** What else must be equal: ids, roots, sizes. */
  readonly facts: Readonly<Record<string, string | number>>
}

/** Why another library reads what we refuse, or `undefined` when nothing excuses it. */
export type Excuse = (bytes: Uint8Array, theirs: Reading, refusal: ChainError) => string | undefined

/** Why another library refuses what we read, or `undefined` when nothing excuses it. */
export type RefusalExcuse = (error: unknown) => string | undefined

/**
 * Expects that all agree: what we read, they read, with the same bytes and facts; what we refuse, they refuse, or a
 * written reason says why not.
 */
export function compareReadings(
  bytes: Uint8Array,
  ours: Reader,
  peers: readonly Reader[],
  excuse: Excuse,
  excuseRefusal: RefusalExcuse = () => undefined,
): void {
  const mine = readWith(ours, bytes)
  for (const peer of peers) {
    const theirs = readWith(peer, bytes)
    const where = `${peer.name}, ${toHex(bytes)}`
    if ('error' in mine) {
      expect(mine.error, where).toBeInstanceOf(ChainError)
      if ('error' in theirs) continue
      expect(excuse(bytes, theirs, mine.error as ChainError), `${where} is read, but not by us`).toBeDefined()
      continue
    }
    expect(equalBytes(mine.encoded, bytes), `${where} is not written as it was read`).toBe(true)
    if ('error' in theirs) {
      const reason = excuseRefusal(theirs.error)
      expect(reason, `${where} is refused: ${String(theirs.error)}`).toBeDefined()
      continue
    }
    expect(toHex(theirs.encoded), where).toBe(toHex(mine.encoded))
    for (const [fact, value] of Object.entries(theirs.facts))
      expect(value, `${fact}, ${where}`).toBe(mine.facts[fact])
  }
}

function readWith(reader: Reader, bytes: Uint8Array): Reading | { readonly error: unknown } {
  try {
    return reader.read(bytes)
  } catch (error) {
    return { error }
  }
}
