import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { bytesKey } from '@chain/core/bytes'
import { type Transaction, txid } from '@chain/core/primitives'
import { describe, expect, it } from 'vitest'
import type { LedgerEntry } from '../../src/light-client/ledger.ts'
import { type StoreIdentity, WalletStore } from '../../src/light-client/wallet-store.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { elsewhere, ours, pay } from './transactions.ts'

const identity: StoreIdentity = { specId: '01234567', account: 'xpub1' }
const scanned = { height: 7, hash: new Uint8Array(32).fill(3) }

function entry(transaction: Transaction, mined?: LedgerEntry['mined']): LedgerEntry {
  return { transaction, txid: txid(transaction), mined, time: 42 }
}

function changes(...entries: readonly LedgerEntry[]): Parameters<WalletStore['write']>[0] {
  return new Map(entries.map((one) => [bytesKey(one.txid), { txid: one.txid, entry: one }]))
}

function newFile(): string {
  return join(temporaryDirectory(), 'wallet.db')
}

function withStore<Result>(file: string, work: (store: WalletStore) => Result, whose = identity): Result {
  const store = WalletStore.open(file, whose)
  try {
    return work(store)
  } finally {
    store.close()
  }
}

describe('the wallet store', () => {
  const mined = entry(pay([elsewhere(1)], [[1, ours()]]), { height: 5, position: 0 })
  const waiting = entry(pay([elsewhere(2)], [[2, ours()]]))

  it('is empty when it is new, and belongs to its owner alone', () => {
    const file = newFile()
    withStore(file, (store) => {
      expect(store.readEntries()).toEqual([])
      expect(store.readScanPoint()).toBeUndefined()
    })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('gives back what was written, also after it was opened again', () => {
    const file = newFile()
    withStore(file, (store) => store.write(changes(mined, waiting), scanned))
    withStore(file, (store) => {
      const entries = store
        .readEntries()
        .sort((a, b) => Number(a.mined === undefined) - Number(b.mined === undefined))
      expect(entries.map(({ txid: id, mined: place, time }) => [id, place, time])).toEqual([
        [mined.txid, mined.mined, 42],
        [waiting.txid, undefined, 42],
      ])
      expect(store.readScanPoint()).toEqual(scanned)
    })
  })

  it('replaces and removes', () => {
    withStore(newFile(), (store) => {
      store.write(changes(mined, waiting), scanned)
      store.write(changes({ ...waiting, mined: { height: 6, position: 2 } }))
      store.write(new Map([['', { txid: mined.txid, entry: undefined }]]), { ...scanned, height: 8 })
      expect(store.readEntries().map(({ mined: place }) => place)).toEqual([{ height: 6, position: 2 }])
      expect(store.readScanPoint()?.height).toBe(8)
    })
  })

  it('begins anew for another account or network', () => {
    const file = newFile()
    withStore(file, (store) => store.write(changes(mined), scanned))
    withStore(
      file,
      (store) => {
        expect(store.readEntries()).toEqual([])
        expect(store.readScanPoint()).toBeUndefined()
      },
      { ...identity, account: 'xpub2' },
    )
  })

  it.each([
    ['is no database', (bytes: Buffer) => Buffer.alloc(bytes.length, 0x5a)],
    ['has lost its end', (bytes: Buffer) => bytes.subarray(0, 5_000)],
    [
      'has garbage inside',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4_096), Buffer.alloc(bytes.length - 4_096, 0x5a)]),
    ],
  ])('is refused with one sentence when its file %s, and left as it is', (_, damage) => {
    const file = newFile()
    withStore(file, (store) => store.write(changes(mined), scanned))
    const damaged = damage(readFileSync(file))
    writeFileSync(file, damaged)
    expect(() => WalletStore.open(file, identity)).toThrow(
      expect.objectContaining({ code: 'wallet-db-corrupt' }),
    )
    expect(readFileSync(file).equals(damaged)).toBe(true)
  })

  it('is refused when it holds a malformed transaction', () => {
    const file = newFile()
    withStore(file, (store) => store.write(changes(mined), scanned))
    const database = new DatabaseSync(file)
    database.exec("UPDATE transactions SET raw = x'0011'")
    database.close()
    withStore(file, (store) => {
      expect(() => store.readEntries()).toThrow(expect.objectContaining({ code: 'wallet-db-corrupt' }))
    })
  })

  it('is refused when a newer program or another one made it', () => {
    const [newer, other] = [newFile(), newFile()]
    withStore(newer, () => undefined)
    const database = new DatabaseSync(newer)
    database.exec('PRAGMA user_version = 2')
    database.close()
    expect(() => WalletStore.open(newer, identity)).toThrow(
      expect.objectContaining({ code: 'wallet-db-newer' }),
    )
    const foreign = new DatabaseSync(other)
    foreign.exec('CREATE TABLE recipes (name TEXT)')
    foreign.close()
    expect(() => WalletStore.open(other, identity)).toThrow(
      expect.objectContaining({ code: 'wallet-db-corrupt' }),
    )
  })
})
