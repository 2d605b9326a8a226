import { describe, expect, it } from 'vitest'
import { describeState, STALL_TIME, type StateFacts } from '../src/state.ts'

const synced: StateFacts = {
  started: true,
  height: 12,
  headers: 12,
  bodiesMissing: false,
  peers: 2,
  peersAhead: 0,
  idleTime: 0,
  prunedFork: undefined,
  prospects: { troubles: [], lastRefusal: undefined, hasCandidates: false, hasBanned: false },
  clockOffset: undefined,
}

/** What a node without peers says, that knows this of others. */
function lonely(prospects: Partial<StateFacts['prospects']>): string {
  return describeState({ ...synced, peers: 0, prospects: { ...synced.prospects, ...prospects } }).why
}

describe('the state of a node', () => {
  it('is starting until the network is up', () => {
    expect(describeState({ ...synced, started: false }).state).toBe('starting')
  })

  it('is synced when no peer has a better chain', () => {
    expect(describeState(synced)).toEqual({
      state: 'synced',
      why: 'None of 2 peers has a better chain than height 12.',
    })
  })

  it('is no-peers when nobody is connected, however good the chain is', () => {
    expect(describeState({ ...synced, peers: 0 })).toEqual({
      state: 'no-peers',
      why: 'No peer is connected: none is known, so name one (--bootnode, or chain-node peers add).',
    })
  })

  it('says what went wrong with those who were tried, and what to do', () => {
    const troubles = [
      { address: '/a', source: 'connect', why: '/a cannot be reached: connection refused' },
    ] as const
    expect(lonely({ troubles, hasCandidates: true, lastRefusal: 'x serves no blocks' })).toBe(
      'No peer is connected: /a cannot be reached: connection refused; it is tried again, or name another one (chain-node peers add).',
    )
    expect(lonely({ troubles: [...troubles, ...troubles, ...troubles] })).toContain(
      'refused, nor is there a peer at 2 other addresses that were named; it is tried',
    )
    expect(lonely({ lastRefusal: 'x is on another network', hasCandidates: true })).toBe(
      'No peer is connected: x is on another network; others are looked for.',
    )
    expect(lonely({ hasCandidates: true })).toMatch(/: those that are known are being tried, or name another/)
    expect(lonely({ hasBanned: true })).toMatch(
      /: those that are known are banned \(chain-node peers banned\)/,
    )
    expect(lonely({})).toMatch(/: none is known, so name one/)
  })

  it('says in any state that the clock of the machine seems to be wrong', () => {
    expect(describeState({ ...synced, clockOffset: -3_600 })).toEqual({
      state: 'synced',
      why: 'None of 2 peers has a better chain than height 12. The clocks of most peers are 60 minutes behind that of this machine: set it right.',
    })
  })

  it('names the missing blocks when nobody is there to give them', () => {
    const { state, why } = describeState({ ...synced, peers: 0, headers: 20, bodiesMissing: true })
    expect(state).toBe('no-peers')
    expect(why).toContain('height 12 of 20')
  })

  it('is syncing while blocks of known headers are missing', () => {
    expect(describeState({ ...synced, headers: 20, bodiesMissing: true })).toEqual({
      state: 'syncing',
      why: 'Blocks of the best header chain are missing (height 12 of 20).',
    })
  })

  it('is syncing while a peer claims a better chain', () => {
    const { state, why } = describeState({ ...synced, peers: 1, peersAhead: 1 })
    expect(state).toBe('syncing')
    expect(why).toBe('1 of 1 peer claim a better chain.')
  })

  it('is stalled when it has been behind for long without progress', () => {
    const { state, why } = describeState({ ...synced, peersAhead: 1, idleTime: STALL_TIME })
    expect(state).toBe('stalled')
    expect(why).toContain('nothing came for 60 seconds')
  })
  it('is stalled when a better branch leaves the chain where it was pruned, whoever is connected', () => {
    for (const peers of [0, 2]) {
      const { state, why } = describeState({ ...synced, peers, bodiesMissing: true, prunedFork: 5 })
      expect(state).toBe('stalled')
      expect(why).toMatch(
        /^A better branch leaves the chain at height 5, where .* pruned.* invalidateblock\.$/,
      )
    }
  })
})
