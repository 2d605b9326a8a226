import { describe, expect, it } from 'vitest'
import { relayLimits } from '../../src/relay/relay-limits.ts'
import { type Questions, TransactionRequests } from '../../src/relay/transaction-requests.ts'

const id = (number: number): Uint8Array => {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

const numbers = (ids: readonly Uint8Array[] = []): number[] =>
  ids.map((bytes) => new DataView(bytes.buffer).getUint32(0))

const asked = (questions: Questions): [string, number[]][] =>
  [...questions].map(([peer, ids]) => [peer, numbers(ids)])

describe('transaction requests', () => {
  it('ask who announced', () => {
    const requests = new TransactionRequests()
    expect(asked(requests.announce('a', [id(1), id(2)], 0))).toEqual([['a', [1, 2]]])
    expect(requests.isAsked('a', id(1))).toBe(true)
    expect(requests.isAsked('b', id(1))).toBe(false)
  })

  it('ask one peer at a time, and one announcement once', () => {
    const requests = new TransactionRequests()
    requests.announce('a', [id(1)], 0)
    expect(asked(requests.announce('b', [id(1), id(2)], 0))).toEqual([['b', [2]]])
    expect(asked(requests.announce('a', [id(1)], 0))).toEqual([])
  })

  it('ask the next announcer when one does not have it', () => {
    const requests = new TransactionRequests()
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 0)
    expect(asked(requests.refuse('a', [id(1)], 1))).toEqual([['b', [1]]])
    expect(asked(requests.refuse('b', [id(1)], 1))).toEqual([])
    expect(requests.size).toBe(0)
  })

  it('are not impressed by a peer that refuses what it was not asked for', () => {
    const requests = new TransactionRequests()
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 0)
    expect(asked(requests.refuse('b', [id(1), id(2)], 1))).toEqual([])
    expect(requests.isAsked('a', id(1))).toBe(true)
  })

  it('ask the next announcer when one is late', () => {
    const requests = new TransactionRequests()
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 5)
    expect(requests.nextExpiry).toBe(relayLimits.transactionTimeout)
    expect(requests.expire(relayLimits.transactionTimeout - 1).late.size).toBe(0)
    const { late, questions } = requests.expire(relayLimits.transactionTimeout)
    expect([...late]).toEqual(['a'])
    expect(asked(questions)).toEqual([['b', [1]]])
    expect(requests.nextExpiry).toBe(2 * relayLimits.transactionTimeout)
  })

  it('ask the next announcer when one is gone', () => {
    const requests = new TransactionRequests()
    requests.announce('a', [id(1), id(2)], 0)
    requests.announce('b', [id(1)], 0)
    expect(asked(requests.removePeer('a', 1))).toEqual([['b', [1]]])
    expect(requests.size).toBe(1)
    expect(asked(requests.removePeer('b', 1))).toEqual([])
    expect(requests.size).toBe(0)
    expect(requests.nextExpiry).toBeUndefined()
  })

  it('are over when the transaction has come', () => {
    const requests = new TransactionRequests()
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 0)
    requests.settle(id(1), 1)
    expect(requests.size).toBe(0)
    expect(asked(requests.removePeer('a', 1))).toEqual([])
  })

  it('keep a peer busy with a bounded number', () => {
    const requests = new TransactionRequests()
    const ids = Array.from({ length: relayLimits.requestedPerPeer + 2 }, (_, index) => id(index))
    const first = requests.announce('a', ids, 0)
    expect(first.get('a')).toHaveLength(relayLimits.requestedPerPeer)
    expect(asked(requests.settle(id(0), 1))).toEqual([['a', [relayLimits.requestedPerPeer]]])
  })

  it('remember a bounded number of announcements', () => {
    const requests = new TransactionRequests()
    const most = relayLimits.announcedPerPeer + relayLimits.requestedPerPeer
    for (let start = 0; start < 3 * most; start += 1_000) {
      requests.announce(
        'a',
        Array.from({ length: 1_000 }, (_, index) => id(start + index)),
        0,
      )
    }
    expect(requests.size).toBeLessThanOrEqual(most)
  })
})
