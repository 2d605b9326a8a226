import { serviceFlags } from '@chain/wire'
import { describe, expect, it } from 'vitest'
import { describeRefusal, judgeStatus, maxClockSkew } from '../../src/peers/status-check.ts'
import { createStatus } from './nodes.ts'

const ours = createStatus({ nonce: new Uint8Array(8).fill(1), time: 1_000_000 })
const theirs = createStatus({ nonce: new Uint8Array(8).fill(2), time: 1_000_000 })

describe('a refusal', () => {
  it('is said in words, with the difference of the clocks', () => {
    expect(describeRefusal('other-network', 0)).toBe('is on another network')
    expect(describeRefusal('clock-skew', 7_200)).toMatch(
      /^has a clock 120 minutes ahead of that of this machine/,
    )
    expect(describeRefusal('clock-skew', -7_200)).toContain('120 minutes behind')
  })
})

describe('a status', () => {
  it('of the same network is relevant', () => {
    expect(judgeStatus(ours, theirs)).toBe('relevant')
  })

  it('with our own nonce is ours', () => {
    expect(judgeStatus(ours, { ...theirs, nonce: ours.nonce.slice() })).toBe('self')
  })

  it('with another genesis block is of another network', () => {
    expect(judgeStatus(ours, { ...theirs, genesis: new Uint8Array(32).fill(9) })).toBe('other-network')
  })

  it.each([1, -1])('with a clock far off (%i) is not relevant', (sign) => {
    const skewed = (seconds: number) => ({ ...theirs, time: ours.time + sign * seconds })
    expect(judgeStatus(ours, skewed(maxClockSkew))).toBe('relevant')
    expect(judgeStatus(ours, skewed(maxClockSkew + 1))).toBe('clock-skew')
  })

  it.each([
    ['no version', { protocolVersion: 0 }],
    ['more blocks than work', { height: 2, work: 2n }],
    ['another tip than the genesis block at height 0', { tip: new Uint8Array(32).fill(9) }],
  ])('with %s is absurd', (_, changes) => {
    expect(judgeStatus(ours, { ...theirs, ...changes })).toBe('absurd')
  })

  it('without blocks is useless of a peer that was chosen for them, and relevant otherwise', () => {
    const light = { ...theirs, services: serviceFlags.lightClients }
    expect(judgeStatus(ours, light, true)).toBe('useless')
    expect(judgeStatus(ours, light, false)).toBe('relevant')
    expect(judgeStatus(ours, { ...theirs, services: serviceFlags.pruned }, true)).toBe('relevant')
  })
})
