import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { AddressScores } from '../../src/peers/address-scores.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'
import { type PenaltyReason, scoreHalfLife } from '../../src/peers/score.ts'
import { connectNodes, startNode } from './nodes.ts'

/** Lets peers at an address do wrong, each under an id of its own. */
function offend(scores: AddressScores, address: string, reasons: readonly PenaltyReason[]): void {
  for (const [index, reason] of reasons.entries()) {
    scores.learn(`${address} ${index}`, multiaddr(address))
    scores.penalise(`${address} ${index}`, reason, 0)
  }
}

describe('an address', () => {
  it('is refused after the second invalid block, however often the peer id changes, and forgiven with time', () => {
    const scores = new AddressScores()
    offend(scores, '/ip4/192.0.2.1/tcp/1', ['invalid-block'])
    expect(scores.isRefused('192.0.2.1', 0)).toBe(false)
    offend(scores, '/ip4/192.0.2.1/tcp/2', ['invalid-block'])
    expect(scores.isRefused('192.0.2.1', 0)).toBe(true)
    expect(scores.isRefused('192.0.2.1', scoreHalfLife - 1)).toBe(true)
    expect(scores.isRefused('192.0.2.1', scoreHalfLife)).toBe(false)
  })

  it('loses nothing by peers that are slow', () => {
    const scores = new AddressScores()
    offend(scores, '/ip4/192.0.2.1/tcp/1', Array(50).fill('timeout'))
    expect(scores.isRefused('192.0.2.1', 0)).toBe(false)
  })

  it('of IPv6 counts with its network', () => {
    const scores = new AddressScores()
    offend(scores, '/ip6/2001:db8::1/tcp/1', Array(3).fill('invalid-header'))
    expect(scores.isRefused('2001:db8::2', 0)).toBe(true)
    expect(scores.isRefused('2001:db8:0:1::1', 0)).toBe(false)
  })

  it('of this machine is never refused', () => {
    const scores = new AddressScores()
    offend(scores, '/ip4/127.0.0.1/tcp/1', Array(9).fill('invalid-block'))
    expect(scores.isRefused('127.0.0.1', 0)).toBe(false)
  })

  it('of a peer that was not heard of for long is forgotten', () => {
    const scores = new AddressScores()
    scores.learn('old', multiaddr('/ip4/192.0.2.1/tcp/1'))
    for (let peer = 0; peer < peerLimits.scores; peer++) {
      scores.learn(`${peer}`, multiaddr('/ip4/192.0.2.2/tcp/1'))
    }
    for (let fault = 0; fault < 9; fault++) scores.penalise('old', 'invalid-block', 0)
    expect(scores.isRefused('192.0.2.1', 0)).toBe(false)
  })

  it('pays for a peer of the node although the peer has left', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await connectNodes(b, a)
    a.addressScores.learn(b.id, multiaddr('/ip4/192.0.2.1/tcp/1'))
    const gone = a.next('peer-gone', b.id)
    await b.stop()
    await gone
    a.peers.penalise(b.id, 'invalid-block', 'the Merkle root is wrong')
    a.peers.penalise(b.id, 'invalid-block', 'the Merkle root is wrong')
    expect(a.addressScores.isRefused('192.0.2.1', Date.now())).toBe(true)
  })
})
