/**
 * Keeps a wallet's transactions, and how far the chain was scanned for them, in one SQLite file.
 *
 *     identity      spec_id, account              one row: whose record this is
 *     scan          height, hash                  one row: the last block that was looked at; none in a new file
 *     transactions  txid, raw, height, position, time    height and position are null while a transaction waits
 *
 * Coins and balances are not stored: they follow from the transactions (`ledger.ts`), so that there is only one truth.
 * The file can always be made anew from key and chain, except for payments that wait to be mined.
 *
 * Through Node's own SQLite, which needs no native add-on and reports a damaged file instead of crashing on it.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ChainError, DecodeError, reasonOf } from '@chain/core/errors'
import { type BlockHash, decodeTransaction, encodeTransaction, txid } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import { walletDbCorrupt, walletDbFailed, walletDbNewer } from '../errors.ts'
import type { LedgerChanges, LedgerEntry } from './ledger.ts'

/** Version of the tables above. */
const SCHEMA_VERSION = 1

/** Says that a SQLite file is one of ours: "chnw" in ASCII. */
const APPLICATION_ID = 0x63686e77

const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

const TABLES = `
  CREATE TABLE identity (spec_id TEXT NOT NULL, account TEXT NOT NULL) STRICT;
  CREATE TABLE scan (height INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
  CREATE TABLE transactions (
    txid BLOB PRIMARY KEY, raw BLOB NOT NULL, height INTEGER, position INTEGER, time INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`

/** The block up to which the chain was looked at. */
export interface ScanPoint {
  readonly height: Height
  readonly hash: BlockHash
}

/** Whose record a file is. */
export interface StoreIdentity {
  readonly specId: string
  /** The account's extended public key. */
  readonly account: string
}

export class WalletStore {
  readonly #database: DatabaseSync
  readonly #file: string

  private constructor(file: string, database: DatabaseSync) {
    this.#file = file
    this.#database = database
  }

  /**
   * Opens the file, or makes it. A record of another account or network is emptied: nothing in it is of use here.
   *
   * @throws {OperationalError} `wallet-db-corrupt`, `wallet-db-newer`, `wallet-db-failed`
   */
  static open(file: string, identity: StoreIdentity): WalletStore {
    return translateErrors(file, () => {
      if (!existsSync(file)) closeSync(openSync(file, 'wx', 0o600))
      const database = new DatabaseSync(file, { timeout: 5_000 })
      try {
        prepare(file, database, identity)
        return new WalletStore(file, database)
      } catch (error) {
        database.close()
        throw error
      }
    })
  }

  /** The last block that was looked at, or `undefined` when none was yet. */
  readScanPoint(): ScanPoint | undefined {
    return translateErrors(this.#file, () => {
      const row = this.#database.prepare('SELECT height, hash FROM scan').get()
      return row === undefined
        ? undefined
        : { height: Number(row.height), hash: plainBytes(row.hash as Uint8Array) }
    })
  }

  /** Every recorded transaction, in no particular order. */
  readEntries(): LedgerEntry[] {
    return translateErrors(this.#file, () => {
      const rows = this.#database.prepare('SELECT raw, height, position, time FROM transactions').all()
      return rows.map(({ raw, height, position, time }) => {
        const transaction = decodeTransaction(plainBytes(raw as Uint8Array))
        const mined =
          height === null || position === null
            ? undefined
            : { height: Number(height), position: Number(position) }
        return { transaction, txid: txid(transaction), mined, time: Number(time) }
      })
    })
  }

  /** Applies changes at once; after a crash all of them are there or none. @param scanned - left as it is unless given */
  write(changes: LedgerChanges, scanned?: ScanPoint): void {
    translateErrors(this.#file, () => {
      this.#database.exec('BEGIN IMMEDIATE')
      try {
        this.#writeEntries(changes)
        if (scanned !== undefined) this.#writeScanPoint(scanned)
        this.#database.exec('COMMIT')
      } catch (error) {
        this.#database.exec('ROLLBACK')
        throw error
      }
    })
  }

  #writeEntries(changes: LedgerChanges): void {
    const put = this.#database.prepare('INSERT OR REPLACE INTO transactions VALUES (?, ?, ?, ?, ?)')
    const remove = this.#database.prepare('DELETE FROM transactions WHERE txid = ?')
    for (const { txid: id, entry } of changes.values()) {
      if (entry === undefined) remove.run(id)
      else {
        const { height, position } = entry.mined ?? { height: null, position: null }
        put.run(id, encodeTransaction(entry.transaction), height, position, entry.time)
      }
    }
  }

  #writeScanPoint({ height, hash }: ScanPoint): void {
    this.#database.exec('DELETE FROM scan')
    this.#database.prepare('INSERT INTO scan VALUES (?, ?)').run(height, hash)
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

function prepare(file: string, database: DatabaseSync, identity: StoreIdentity): void {
  database.exec('PRAGMA synchronous = FULL')
  const applicationId = readPragma(database, 'application_id')
  const version = readPragma(database, 'user_version')
  const isNew = database.prepare('SELECT 1 FROM sqlite_master').get() === undefined
  if (isNew) makeTables(database)
  else if (applicationId !== APPLICATION_ID) throw walletDbCorrupt(file, 'it is no record of a wallet')
  else if (version > SCHEMA_VERSION) throw walletDbNewer(file, version, SCHEMA_VERSION)
  else checkIntegrity(file, database)
  claim(database, identity)
}

function makeTables(database: DatabaseSync): void {
  database.exec(`BEGIN IMMEDIATE; ${TABLES}; COMMIT`)
}

function readPragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function checkIntegrity(file: string, database: DatabaseSync): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check
  if (found !== 'ok') throw walletDbCorrupt(file, reasonOf(found))
}

/** Writes whose record the file is, and empties it when it was another's. */
function claim(database: DatabaseSync, { specId, account }: StoreIdentity): void {
  const row = database.prepare('SELECT spec_id, account FROM identity').get()
  if (row?.spec_id === specId && row.account === account) return
  database.exec('BEGIN IMMEDIATE; DELETE FROM identity; DELETE FROM scan; DELETE FROM transactions')
  database.prepare('INSERT INTO identity VALUES (?, ?)').run(specId, account)
  database.exec('COMMIT')
}

/** SQLite hands out arrays of its own kind of buffer. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function translateErrors<Result>(file: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof DecodeError) throw walletDbCorrupt(file, 'it holds a malformed transaction', error)
    if (error instanceof ChainError) throw error
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) throw walletDbCorrupt(file, reasonOf(error), error)
    throw walletDbFailed(file, error)
  }
}
