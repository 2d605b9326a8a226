import { Orphans } from '@chain/core/mempool'
import { type Transaction, transactionLength, txid } from '@chain/core/primitives'
import { describe, expect, test } from 'vitest'

const limits = { maxCount: 10, maxLength: 5_000, maxAge: 100 }

function spending(parents: readonly Uint8Array[], value: number, scriptLength = 10): Transaction {
  const inputs = parents.map((parent) => {
    return {
      previousOutput: { txid: parent, index: 0 },
      scriptSig: new Uint8Array(0),
      sequence: 0,
      witness: [],
    }
  })
  const outputs = [{ value: BigInt(value), scriptPubKey: new Uint8Array(scriptLength) }]
  return { version: 2, inputs, outputs, lockTime: 0 }
}

const hash = (first: number): Uint8Array => new Uint8Array(32).fill(first)

describe('orphans', () => {
  test('are found by the transaction they wait for, once', () => {
    const orphans = new Orphans(limits)
    const [first, second] = [spending([hash(1)], 1), spending([hash(1)], 2)]
    for (const transaction of [first, second, spending([hash(2)], 3)])
      orphans.add({ transaction, peer: 'a' }, 0)
    expect(orphans.takeChildren(hash(1)).map(({ transaction }) => transaction)).toEqual([first, second])
    expect(orphans.takeChildren(hash(1))).toEqual([])
    expect(orphans.size).toBe(1)
  })

  test('that wait for two are taken with the first of them', () => {
    const orphans = new Orphans(limits)
    orphans.add({ transaction: spending([hash(1), hash(2)], 1), peer: 'a' }, 0)
    expect(orphans.takeChildren(hash(2))).toHaveLength(1)
    expect(orphans.takeChildren(hash(1))).toEqual([])
    expect([orphans.size, orphans.length]).toEqual([0, 0])
  })

  test('are kept once', () => {
    const orphans = new Orphans(limits)
    const transaction = spending([hash(1)], 1)
    for (const peer of ['a', 'b']) orphans.add({ transaction, peer }, 0)
    expect(orphans.length).toBe(transactionLength(transaction))
    expect(orphans.takeChildren(hash(1))).toEqual([{ transaction, peer: 'a' }])
  })

  test('are bounded in number, and the oldest goes first', () => {
    const orphans = new Orphans(limits)
    const all = Array.from({ length: 15 }, (_, index) => spending([hash(1)], index))
    for (const transaction of all) orphans.add({ transaction, peer: 'a' }, 0)
    expect(orphans.size).toBe(10)
    expect(all.map((transaction) => orphans.has(txid(transaction)))).toEqual(
      all.map((_, index) => index >= 5),
    )
  })

  test('are bounded in bytes', () => {
    const orphans = new Orphans(limits)
    for (let index = 0; index < 8; index++)
      orphans.add({ transaction: spending([hash(1)], index, 900), peer: 'a' }, 0)
    expect(orphans.size).toBe(5)
    expect(orphans.length).toBeLessThanOrEqual(5_000)
  })

  test('of a peer that sends many do not drive out those of others', () => {
    const orphans = new Orphans(limits)
    orphans.add({ transaction: spending([hash(1)], 1, 3_000), peer: 'modest' }, 0)
    for (let index = 0; index < 50; index++)
      orphans.add({ transaction: spending([hash(2)], index), peer: 'loud' }, 0)
    expect(orphans.takeChildren(hash(1)).map(({ peer }) => peer)).toEqual(['modest'])
  })

  test('of a peer that is gone are dropped', () => {
    const orphans = new Orphans(limits)
    const transaction = spending([hash(1)], 1)
    orphans.add({ transaction, peer: 'a' }, 0)
    orphans.add({ transaction: spending([hash(1)], 2), peer: 'b' }, 0)
    expect(orphans.removePeer('a')).toEqual([transaction])
    expect(orphans.removePeer('a')).toEqual([])
    expect(orphans.takeChildren(hash(1)).map(({ peer }) => peer)).toEqual(['b'])
  })

  test('are kept for their time and no longer, and are dropped when they are confirmed', () => {
    const orphans = new Orphans(limits)
    const [old, young, confirmed] = [1, 2, 3].map((value) => spending([hash(1)], value)) as [
      Transaction,
      Transaction,
      Transaction,
    ]
    orphans.add({ transaction: old, peer: 'a' }, 0)
    orphans.add({ transaction: young, peer: 'a' }, 1)
    orphans.add({ transaction: confirmed, peer: 'a' }, 2)
    orphans.expire(99)
    expect(orphans.size).toBe(3)
    orphans.expire(100)
    orphans.delete(txid(confirmed))
    orphans.delete(txid(confirmed))
    expect(orphans.takeChildren(hash(1)).map(({ transaction }) => transaction)).toEqual([young])
  })
})
