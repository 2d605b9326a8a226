import { type Transaction, txid } from '@chain/core/primitives'
import { describe, expect, it } from 'vitest'
import { Orphans } from '../../src/relay/orphans.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'

function spending(parent: Uint8Array, value: number, scriptLength = 10): Transaction {
  return {
    version: 2,
    inputs: [
      { previousOutput: { txid: parent, index: 0 }, scriptSig: new Uint8Array(0), sequence: 0, witness: [] },
    ],
    outputs: [{ value: BigInt(value), scriptPubKey: new Uint8Array(scriptLength) }],
    lockTime: 0,
  }
}

const hash = (first: number): Uint8Array => new Uint8Array(32).fill(first)

describe('orphans', () => {
  it('are found by the transaction they wait for, once', () => {
    const orphans = new Orphans()
    const [first, second] = [spending(hash(1), 1), spending(hash(1), 2)]
    for (const transaction of [first, second, spending(hash(2), 3)]) orphans.add({ transaction, peer: 'a' })
    expect(orphans.takeChildren(hash(1)).map(({ transaction }) => transaction)).toEqual([first, second])
    expect(orphans.takeChildren(hash(1))).toEqual([])
    expect(orphans.size).toBe(1)
  })

  it('are bounded in number', () => {
    const orphans = new Orphans()
    const all = Array.from({ length: relayLimits.orphans + 5 }, (_, index) => spending(hash(1), index))
    for (const transaction of all) orphans.add({ transaction, peer: 'a' })
    expect(orphans.size).toBe(relayLimits.orphans)
    expect(orphans.has(txid(all[0] as Transaction))).toBe(false)
    expect(orphans.has(txid(all.at(-1) as Transaction))).toBe(true)
  })

  it('are bounded in bytes', () => {
    const orphans = new Orphans()
    for (let index = 0; index < 20; index++) {
      orphans.add({ transaction: spending(hash(1), index, 390_000), peer: 'a' })
    }
    expect(orphans.size).toBe(Math.floor(relayLimits.orphanBytes / 390_063))
  })

  it('of a peer that is gone are dropped', () => {
    const orphans = new Orphans()
    orphans.add({ transaction: spending(hash(1), 1), peer: 'a' })
    orphans.add({ transaction: spending(hash(1), 2), peer: 'b' })
    orphans.removePeer('a')
    expect(orphans.takeChildren(hash(1)).map(({ peer }) => peer)).toEqual(['b'])
  })
})
