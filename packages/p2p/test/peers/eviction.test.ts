import { describe, expect, it } from 'vitest'
import { type EvictionCandidate, selectEviction } from '../../src/peers/eviction.ts'

const rankOf = (network: string): number => -Number(network)

function guest(id: number, changes: Partial<EvictionCandidate> = {}): EvictionCandidate {
  return {
    id: `${id}`,
    network: '99',
    latency: undefined,
    lastBlock: undefined,
    lastTransaction: undefined,
    connectedAt: id,
    ...changes,
  }
}

describe('when a newcomer finds no room', () => {
  it('nobody gives way while all are protected', () => {
    expect(selectEviction([], rankOf)).toBeUndefined()
    expect(selectEviction([guest(1)], rankOf)).toBeUndefined()
    expect(selectEviction([guest(1), guest(2)], rankOf)).toBeUndefined()
  })

  it('the youngest of the network with most peers gives way', () => {
    const crowd = [1, 2, 3, 4, 5, 6].map((id) => guest(20 + id, { network: '98' }))
    const few = [1, 2, 3].map((id) => guest(10 + id, { network: '97' }))
    expect(selectEviction([...crowd, ...few], rankOf)).toBe('26')
  })

  it('of networks with as many peers, the one whose youngest came last loses it', () => {
    const pairs = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => guest(id, { network: `${id % 2}` }))
    expect(selectEviction(pairs, rankOf)).toBe('8')
  })

  it('a peer that brought a block stays, though it is the youngest of the crowd', () => {
    const crowd = [1, 2, 3, 4, 5, 6].map((id) => guest(id))
    expect(selectEviction(crowd, rankOf)).toBe('6')
    expect(selectEviction([...crowd.slice(0, 5), guest(6, { lastBlock: 1 })], rankOf)).toBe('5')
    expect(selectEviction([...crowd.slice(0, 5), guest(6, { lastTransaction: 1 })], rankOf)).toBe('5')
    expect(selectEviction([...crowd.slice(0, 5), guest(6, { latency: 1 })], rankOf)).toBe('5')
  })
})
