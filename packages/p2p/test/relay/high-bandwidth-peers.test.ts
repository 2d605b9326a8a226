import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HighBandwidthPeers } from '../../src/relay/high-bandwidth-peers.ts'
import { relayLimits } from '../../src/relay/relay-limits.ts'

describe('peers that send compact blocks unasked', () => {
  it('are the last three that gave us a block first', () => {
    const peers = new HighBandwidthPeers()
    expect(['a', 'b', 'c'].map((id) => peers.promote(id, 'outbound'))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(peers.promote('a', 'outbound')).toBeUndefined()
    expect(peers.promote('d', 'outbound')).toBe('b')
    expect(['a', 'b', 'c', 'd'].filter((id) => peers.has(id))).toEqual(['a', 'c', 'd'])
  })

  it('keep their last outbound peer when inbound ones come', () => {
    const peers = new HighBandwidthPeers()
    peers.promote('out', 'outbound')
    peers.promote('a', 'inbound')
    peers.promote('b', 'inbound')
    expect(peers.promote('c', 'inbound')).toBe('a')
    expect(peers.promote('d', 'inbound')).toBe('b')
    expect(peers.has('out')).toBe(true)
    expect(peers.promote('other', 'outbound')).toBe('out')
  })

  it('are never more than so many, and one that was outbound stays among them', () => {
    const peer = fc.record({ id: fc.nat({ max: 9 }), leaves: fc.boolean() })
    fc.assert(
      fc.property(fc.array(peer, { maxLength: 50 }), (steps) => {
        const peers = new HighBandwidthPeers()
        const here = new Set<string>()
        const directionOf = (id: string) => (Number(id) < 3 ? 'outbound' : 'inbound')
        for (const { id: number, leaves } of steps) {
          const id = String(number)
          const hadOutbound = [...here].some((each) => directionOf(each) === 'outbound')
          if (leaves) {
            peers.remove(id)
            here.delete(id)
            continue
          }
          here.add(id)
          const leaving = peers.promote(id, directionOf(id))
          if (leaving !== undefined) here.delete(leaving)
          expect([...here].every((each) => peers.has(each))).toBe(true)
          expect(here.size).toBeLessThanOrEqual(relayLimits.highBandwidthPeers)
          if (hadOutbound) expect([...here].some((each) => directionOf(each) === 'outbound')).toBe(true)
        }
      }),
    )
  })
})
