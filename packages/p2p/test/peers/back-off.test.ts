import { describe, expect, it } from 'vitest'
import { backOffDelay, isGivenUp } from '../../src/peers/back-off.ts'
import type { KnownPeer } from '../../src/ports.ts'

const week = 7 * 86_400_000

function peer(failures: number, lastSuccess?: number): KnownPeer {
  const row = { peerId: 'peer', addresses: [], source: 'dht', score: 0, firstSeen: 0, failures } as const
  return lastSuccess === undefined ? row : { ...row, lastSuccess }
}

describe('the wait before the next attempt', () => {
  it('doubles with every failure up to the longest', () => {
    const delays = [0, 1, 2, 3, 4, 5, 1_000].map((failures) =>
      backOffDelay({ first: 100, longest: 1_000 }, failures, 0.5),
    )
    expect(delays).toEqual([100, 100, 200, 400, 800, 1_000, 1_000])
  })

  it('is spread from half to one and a half of that', () => {
    expect(backOffDelay({ first: 100, longest: 1_000 }, 1, 0)).toBe(50)
    expect(backOffDelay({ first: 100, longest: 1_000 }, 1, 1)).toBe(150)
  })
})

describe('a peer is given up', () => {
  it('after three failures when it was never reached', () => {
    expect(isGivenUp(peer(2), 0)).toBe(false)
    expect(isGivenUp(peer(3), 0)).toBe(true)
  })

  it('after many failures over a week when it was reached before', () => {
    expect(isGivenUp(peer(100, 1), week)).toBe(false)
    expect(isGivenUp(peer(9, 1), week + 2)).toBe(false)
    expect(isGivenUp(peer(10, 1), week + 2)).toBe(true)
  })
})
