/**
 * Keys of values in the hash table: `/record/<peer id of the publisher>/<name>`. The publisher is part of the key, so that
 * nobody else can write there.
 *
 * Source: docs/protocol/peers.md#values
 */
import { ParseError } from '@chain/core/errors'
import type { Ed25519PeerId, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { dhtLimits } from './dht-limits.ts'

/** The name space of values: the first part of their keys. */
export const recordNamespace = 'record'

/** Whose value, and which. */
export interface RecordKey {
  readonly publisher: Ed25519PeerId
  /** 1 to 64 lower-case letters, digits, dots, dashes and underscores; no dot, dash or underscore at the beginning. */
  readonly name: string
}

const namePattern = `[a-z0-9][a-z0-9._-]{0,${dhtLimits.nameLength - 1}}`
const name = new RegExp(`^${namePattern}$`)
const key = new RegExp(`^/${recordNamespace}/([1-9A-HJ-NP-Za-km-z]{50,60})/(${namePattern})$`)

/**
 * Writes the key of a name.
 *
 * @throws {ParseError} `record-key-malformed` when it is no name
 */
export function formatRecordKey(publisher: PeerId, text: string): string {
  if (name.test(text)) return `/${recordNamespace}/${publisher.toString()}/${text}`
  throw new ParseError(
    'record-key-malformed',
    `A value's name has 1 to ${dhtLimits.nameLength} lower-case letters, digits, dots, dashes and underscores; "${text.slice(0, 80)}" is none.`,
  )
}

/**
 * Reads a key.
 *
 * @throws {ParseError} `record-key-malformed`
 */
export function parseRecordKey(text: string): RecordKey {
  const [, id = '', part = ''] = key.exec(text) ?? []
  const publisher = id === '' ? undefined : readPeerId(id)
  if (publisher !== undefined) return { publisher, name: part }
  throw new ParseError(
    'record-key-malformed',
    `A value's key looks like /${recordNamespace}/<peer id>/<name>; "${text.slice(0, 160)}" does not.`,
  )
}

function readPeerId(text: string): Ed25519PeerId | undefined {
  try {
    const id = peerIdFromString(text)
    return id.type === 'Ed25519' && id.toString() === text ? id : undefined
  } catch {
    // The caller says what the key must look like, which helps more than what the library stumbled over.
    return undefined
  }
}
