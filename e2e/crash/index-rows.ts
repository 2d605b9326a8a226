/**
 * The rows of the indexes in a data file, read with LMDB alone, and what they ought to be.
 */
import { join } from 'node:path'
import { toHex } from '@chain/core/bytes'
import { DATA_FILE } from '@chain/storage'
import { open } from 'lmdb'
import { branchTxids, type CrashBlock } from './crash-chain.ts'

/** Rows by key, both in hexadecimal digits. */
type Rows = ReadonlyMap<string, string>

/** The tables of the indexes. */
export const indexTables = ['transactions', 'filters'] as const

/** The rows of both indexes. */
export type IndexRows = Readonly<Record<(typeof indexTables)[number], Rows>>

/** Bytes of a transaction id that are its key. */
const TRANSACTION_KEY_LENGTH = 16
/** Characters of a key that are its height. */
const HEIGHT_DIGITS = 8

/** Reads the rows of a data directory that nobody has open. */
export async function readIndexRows(directory: string): Promise<IndexRows> {
  const options = { encoding: 'binary', keyEncoding: 'binary' } as const
  const path = join(directory, DATA_FILE)
  const root = open<Buffer, Uint8Array>({ ...options, path, noSubdir: true, overlappingSync: false })
  try {
    const read = (name: string): Rows => {
      const rows = root.openDB<Buffer, Uint8Array>({ ...options, name }).getRange({})
      return new Map(Array.from(rows, ({ key, value }) => [toHex(key), value.toString('hex')]))
    }
    return { transactions: read('transactions'), filters: read('filters') }
  } finally {
    await root.close()
  }
}

/** The rows of an index that has come to a block, taken from those of one that has come further on the same branch. */
export function rowsUpTo(rows: IndexRows, { branch, height }: CrashBlock): IndexRows {
  const ids = branchTxids(branch).map((txid) => toHex(txid.subarray(0, TRANSACTION_KEY_LENGTH)))
  return {
    transactions: new Map(ids.map((id) => [id, rows.transactions.get(id) ?? 'missing'])),
    filters: new Map(
      [...rows.filters].filter(([key]) => Number.parseInt(key.slice(0, HEIGHT_DIGITS), 16) <= height),
    ),
  }
}
