import {
  decodeTransaction,
  encodeTransaction,
  type Transaction,
  txid,
  txids,
  wtxid,
  wtxids,
} from '@chain/core/primitives'
import { sha256 } from '@noble/hashes/sha2.js'
import { array, assert, boolean, property, record, uint32Array } from 'fast-check'
import { expect, test } from 'vitest'
import { transaction, uint32 } from '../arbitraries/primitives.ts'

function hashOf(fields: Transaction, witness: boolean): Uint8Array {
  return sha256(sha256(encodeTransaction({ ...fields }, { witness })))
}

/** A transaction as it was made or as it was read, with ids that are known already or not. */
const prepared = record({ fields: transaction, isRead: boolean(), isKnown: boolean() }).map((choice) => {
  const result = choice.isRead ? decodeTransaction(encodeTransaction(choice.fields)) : choice.fields
  if (choice.isKnown) txid(result)
  return result
})

test('the ids of many transactions, some of them twice, are those of each', () => {
  assert(
    property(
      array(prepared, { minLength: 1, maxLength: 9 }),
      uint32Array({ maxLength: 4 }),
      (list, again) => {
        const transactions = [
          ...list,
          ...Array.from(again, (number) => list[number % list.length] as Transaction),
        ]
        const expected = transactions.map((each) => hashOf(each, false))
        expect(txids(transactions)).toEqual(expected)
        expect(txids(transactions)).toEqual(expected)
        expect(transactions.map(txid)).toEqual(expected)
        const full = transactions.map((each) => hashOf(each, true))
        expect(wtxids(transactions)).toEqual(full)
        expect(transactions.map(wtxid)).toEqual(full)
      },
    ),
  )
})

test('a copy with another lock time has its own ids', () => {
  assert(
    property(transaction, uint32, (fields, lockTime) => {
      const read = decodeTransaction(encodeTransaction(fields))
      txids([read])
      wtxids([read])
      const copy = { ...read, lockTime }
      expect(txid(copy)).toEqual(hashOf({ ...fields, lockTime }, false))
      expect(wtxids([copy])).toEqual([hashOf({ ...fields, lockTime }, true)])
    }),
  )
})
