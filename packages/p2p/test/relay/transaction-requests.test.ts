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

/** Requests of a node that chose these peers, which wait for nobody. */
function between(...peers: readonly string[]): TransactionRequests {
  const requests = new TransactionRequests({ inboundDelay: DELAY, random: () => 0 })
  for (const peer of peers) requests.addPeer(peer, 'outbound')
  return requests
}

const DELAY = 1_000

describe('transaction requests', () => {
  it('ask who announced', () => {
    const requests = between('a', 'b')
    expect(asked(requests.announce('a', [id(1), id(2)], 0))).toEqual([['a', [1, 2]]])
    expect(requests.isAsked('a', id(1))).toBe(true)
    expect(requests.isAsked('b', id(1))).toBe(false)
  })

  it('ask one peer at a time, and one announcement once', () => {
    const requests = between('a', 'b')
    requests.announce('a', [id(1)], 0)
    expect(asked(requests.announce('b', [id(1), id(2)], 0))).toEqual([['b', [2]]])
    expect(asked(requests.announce('a', [id(1)], 0))).toEqual([])
  })

  it('hold on to an id, and to nothing that it is a part of', () => {
    const requests = between('a')
    const transaction = new Uint8Array(100_000)
    const questions = requests.announce('a', [transaction.subarray(5, 37)], 0)
    expect(questions.get('a')?.map(({ buffer }) => buffer.byteLength)).toEqual([32])
  })

  it('ask the next announcer when one does not have it', () => {
    const requests = between('a', 'b')
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 0)
    expect(asked(requests.refuse('a', [id(1)], 1))).toEqual([['b', [1]]])
    expect(asked(requests.refuse('b', [id(1)], 1))).toEqual([])
    expect(requests.size).toBe(0)
  })

  it('are not impressed by a peer that refuses what it was not asked for', () => {
    const requests = between('a', 'b')
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 0)
    expect(asked(requests.refuse('b', [id(1), id(2)], 1))).toEqual([])
    expect(requests.isAsked('a', id(1))).toBe(true)
  })

  it('ask the next announcer when one is late', () => {
    const requests = between('a', 'b')
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
    const requests = between('a', 'b')
    requests.announce('a', [id(1), id(2)], 0)
    requests.announce('b', [id(1)], 0)
    expect(asked(requests.removePeer('a', 1))).toEqual([['b', [1]]])
    expect(requests.size).toBe(1)
    expect(asked(requests.removePeer('b', 1))).toEqual([])
    expect(requests.size).toBe(0)
    expect(requests.nextExpiry).toBeUndefined()
  })

  it('are over when the transaction has come', () => {
    const requests = between('a', 'b')
    requests.announce('a', [id(1)], 0)
    requests.announce('b', [id(1)], 0)
    requests.settle(id(1), 1)
    expect(requests.size).toBe(0)
    expect(asked(requests.removePeer('a', 1))).toEqual([])
  })

  it('keep a peer busy with a bounded number', () => {
    const requests = between('a', 'b')
    const ids = Array.from({ length: relayLimits.requestedPerPeer + 2 }, (_, index) => id(index))
    const first = requests.announce('a', ids, 0)
    expect(first.get('a')).toHaveLength(relayLimits.requestedPerPeer)
    expect(asked(requests.settle(id(0), 1))).toEqual([['a', [relayLimits.requestedPerPeer]]])
  })

  it('remember a bounded number of announcements', () => {
    const requests = between('a', 'b')
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

describe('transaction requests of inbound peers', () => {
  it('wait for outbound ones, and are made when none of those announces', () => {
    const requests = between('out')
    requests.addPeer('in', 'inbound')
    expect(asked(requests.announce('in', [id(1), id(2)], 0))).toEqual([])
    expect(requests.nextExpiry).toBe(DELAY)
    expect(asked(requests.announce('out', [id(1)], 1))).toEqual([['out', [1]]])
    expect(asked(requests.expire(DELAY - 1).questions)).toEqual([])
    expect(asked(requests.expire(DELAY).questions)).toEqual([['in', [2]]])
  })

  it('wait for nobody when there is no outbound peer', () => {
    const requests = between()
    requests.addPeer('in', 'inbound')
    expect(asked(requests.announce('in', [id(1)], 0))).toEqual([['in', [1]]])
  })

  it('come after those of outbound ones when somebody does not deliver', () => {
    const requests = between('liar', 'out')
    requests.addPeer('in', 'inbound')
    requests.announce('liar', [id(1)], 0)
    requests.announce('in', [id(1)], 1)
    requests.announce('out', [id(1)], 2 * DELAY)
    expect(asked(requests.refuse('liar', [id(1)], 3 * DELAY))).toEqual([['out', [1]]])
  })

  it('go to one of several by chance, so that being first gains nothing', () => {
    const requests = new TransactionRequests({ inboundDelay: DELAY, random: () => 0.99 })
    for (const peer of ['liar', 'b', 'c', 'd']) requests.addPeer(peer, 'inbound')
    for (const peer of ['liar', 'b', 'c', 'd']) requests.announce(peer, [id(1)], 0)
    expect(asked(requests.refuse('liar', [id(1)], 1))).toEqual([['d', [1]]])
  })
})
