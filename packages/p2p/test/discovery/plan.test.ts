import { describe, expect, it } from 'vitest'
import { type DiscoveryState, planDiscovery } from '../../src/discovery/plan.ts'
import type { Candidate } from '../../src/peers/candidates.ts'

const later = { running: false, notBefore: 10_000 }

function state(changes: Partial<DiscoveryState> = {}): DiscoveryState {
  return {
    mode: { peers: 'all', dht: true },
    now: 1_000,
    target: 8,
    outbound: 0,
    connected: new Set(),
    dialling: new Set(),
    candidates: [],
    givenUp: [],
    networks: [],
    lookup: later,
    provide: later,
    exchange: later,
    feeler: later,
    draw: 0,
    ...changes,
  }
}

function candidate(key: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    key,
    addresses: [`/ip4/192.0.2.1/tcp/1/p2p/${key}`],
    networks: [],
    source: 'dht',
    fixed: false,
    anchor: false,
    score: 0,
    failures: 0,
    nextAttempt: 0,
    ...changes,
  }
}

const known = (key: string, changes: Partial<Candidate> = {}): Candidate =>
  candidate(key, { lastSuccess: 1, ...changes })
const bootnode = candidate('bootnode', { fixed: true, source: 'bootnode' })
const named = candidate('named', { fixed: true, source: 'connect' })

function dialled(changes: Partial<DiscoveryState>): string[] {
  return planDiscovery(state(changes)).dial.map(({ key }) => key)
}

describe('at the start', () => {
  it('known peers come first: anchors, then the best score, then the last one reached', () => {
    const candidates = [
      known('old'),
      candidate('found'),
      known('recent', { lastSuccess: 5 }),
      bootnode,
      known('faulty', { score: -3, lastSuccess: 9 }),
      known('anchor', { anchor: true, score: -1 }),
    ]
    expect(dialled({ candidates })).toEqual(['anchor', 'recent', 'old', 'faulty'])
  })

  it('peers that only came by themselves are strangers: they come after those that were reached, and after bootnodes', () => {
    const came = known('came', { source: 'inbound', lastSuccess: 9 })
    expect(dialled({ candidates: [came, known('reached')] })).toEqual(['reached'])
    expect(dialled({ candidates: [came, bootnode] })).toEqual(['bootnode', 'came'])
  })

  it('bootnodes wait until no known peer is being dialled', () => {
    const candidates = [known('gone', { nextAttempt: 2_000 }), bootnode]
    expect(dialled({ candidates, dialling: new Set(['gone']) })).toEqual([])
    expect(dialled({ candidates })).toEqual(['bootnode'])
  })

  it('bootnodes come at once when nobody is known, before strangers', () => {
    expect(dialled({ candidates: [candidate('found'), bootnode] })).toEqual(['bootnode', 'found'])
  })

  it('the hash table is left alone until somebody is connected', () => {
    const due = { running: false, notBefore: 0 }
    expect(planDiscovery(state({ lookup: due, provide: due }))).toMatchObject({
      lookUp: false,
      provide: false,
    })
  })
})

describe('while it runs', () => {
  const connected = new Set(['friend'])

  it('free slots are filled up to the target and no further', () => {
    const candidates = [known('a'), known('b'), known('c')]
    expect(dialled({ connected, target: 8, outbound: 6, candidates })).toEqual(['a', 'b'])
    expect(dialled({ connected, target: 8, outbound: 8, candidates })).toEqual([])
    const dialling = new Set(['other'])
    expect(dialled({ connected, target: 8, outbound: 6, dialling, candidates })).toEqual(['a'])
  })

  it('found peers come before bootnodes, which come when there is nobody else', () => {
    expect(dialled({ connected, candidates: [bootnode, candidate('found')] })).toEqual(['found'])
    expect(dialled({ connected, candidates: [bootnode] })).toEqual(['bootnode'])
  })

  it('found peers that never failed come first', () => {
    const candidates = [candidate('failed', { failures: 1 }), candidate('fresh')]
    expect(dialled({ connected, candidates })).toEqual(['fresh', 'failed'])
  })

  it('nobody is dialled who is connected, in either direction, or being dialled', () => {
    const candidates = [known('friend'), candidate('address', { peerId: 'friend' }), known('other')]
    expect(dialled({ connected, dialling: new Set(['other']), candidates })).toEqual([])
  })

  it('nobody is dialled before the end of the back-off, and the plan wakes up then', () => {
    const candidates = [known('a', { nextAttempt: 4_000 }), known('b', { nextAttempt: 3_000 })]
    expect(planDiscovery(state({ connected, candidates }))).toMatchObject({ dial: [], wakeAt: 3_000 })
  })

  it('the rendezvous is asked and told when it is time, one query of each kind at once', () => {
    const lookup = { running: false, notBefore: 1_000 }
    const provide = { running: true, notBefore: 0 }
    expect(planDiscovery(state({ connected, lookup, provide }))).toMatchObject({
      lookUp: true,
      provide: false,
    })
  })

  it('the plan wakes up for the next query', () => {
    const provide = { running: false, notBefore: 5_000 }
    expect(planDiscovery(state({ connected, provide })).wakeAt).toBe(5_000)
  })

  it('peers that are gone are forgotten, unless they are being dialled', () => {
    const dialling = new Set(['returning'])
    expect(planDiscovery(state({ dialling, givenUp: ['gone', 'returning'] })).forget).toEqual(['gone'])
  })
})

describe('addresses that the operator named', () => {
  it('are dialled beyond the target', () => {
    expect(dialled({ target: 8, outbound: 8, candidates: [named] })).toEqual(['named'])
  })

  it('are the only ones dialled in connect-only mode, where nothing else happens', () => {
    const due = { running: false, notBefore: 0 }
    const plan = planDiscovery(
      state({
        mode: { peers: 'connect-only', dht: true },
        connected: new Set(['friend']),
        candidates: [known('a'), bootnode, named, candidate('found')],
        givenUp: ['gone'],
        lookup: due,
        provide: due,
        exchange: due,
        feeler: due,
      }),
    )
    expect(plan.dial.map(({ key }) => key)).toEqual(['named'])
    expect(plan).toMatchObject({
      lookUp: false,
      provide: false,
      exchange: false,
      feel: undefined,
      forget: [],
    })
  })
})

describe('without the hash table', () => {
  it('the rendezvous is neither asked nor told', () => {
    const due = { running: false, notBefore: 0 }
    const mode = { peers: 'all', dht: false } as const
    expect(
      planDiscovery(state({ mode, connected: new Set(['friend']), lookup: due, provide: due })),
    ).toMatchObject({ lookUp: false, provide: false, wakeAt: 10_000 })
  })

  it('peers are asked for others all the same', () => {
    const due = { running: false, notBefore: 0 }
    const mode = { peers: 'all', dht: false } as const
    const friends = { mode, connected: new Set(['friend']) }
    expect(planDiscovery(state({ ...friends, exchange: due })).exchange).toBe(true)
    expect(planDiscovery(state({ ...friends, exchange: { ...due, running: true } })).exchange).toBe(false)
    expect(planDiscovery(state({ mode, exchange: due })).exchange).toBe(false)
  })
})

describe('outbound peers', () => {
  const connected = new Set(['friend'])
  const at = (key: string, ...networks: string[]): Candidate => candidate(key, { networks })

  it('are so many of one public network and no more', () => {
    const candidates = [at('a', '8.8.0.0/16'), at('b', '8.8.0.0/16'), at('c', '8.8.0.0/16'), at('d')]
    expect(dialled({ connected, candidates })).toEqual(['a', 'b', 'd'])
    expect(dialled({ connected, candidates, networks: ['8.8.0.0/16'] })).toEqual(['a', 'd'])
    expect(dialled({ connected, candidates, networks: ['8.8.0.0/16', '8.8.0.0/16'] })).toEqual(['d'])
  })

  it('count in every network in which they can be reached', () => {
    const candidates = [at('a', '1.1.0.0/16', '2.2.0.0/16'), at('b', '2.2.0.0/16'), at('c', '2.2.0.0/16')]
    expect(dialled({ connected, candidates })).toEqual(['a', 'b'])
  })

  it('that the operator or the chain spec names are exempt', () => {
    const networks = ['8.8.0.0/16', '8.8.0.0/16']
    const candidates = [
      { ...named, networks: ['8.8.0.0/16'] },
      { ...bootnode, networks: ['8.8.0.0/16'] },
    ]
    expect(dialled({ connected, candidates, networks })).toEqual(['named', 'bootnode'])
  })
})

describe('the feeler', () => {
  const due = { running: false, notBefore: 0 }
  const full = { connected: new Set(['friend']), target: 1, outbound: 1, feeler: due }
  const felt = (changes: Partial<DiscoveryState>): string | undefined =>
    planDiscovery(state({ ...full, ...changes })).feel?.key

  it('tries an address that was never reached, drawn at random', () => {
    const candidates = [known('reached'), candidate('a'), bootnode, candidate('b'), named]
    const isHeld = { connected: new Set(['named', 'friend']) }
    const others = candidates.filter(({ key }) => key !== 'named')
    expect(felt({ ...isHeld, candidates: others, draw: 0 })).toBe('a')
    expect(felt({ ...isHeld, candidates: others, draw: 0.99 })).toBe('b')
    expect(felt({ ...isHeld, candidates: others, draw: 1 })).toBe('b')
  })

  it('waits while there are free slots, nobody to try, or it was tried lately', () => {
    const candidates = [candidate('a')]
    expect(felt({ candidates, outbound: 0 })).toBeUndefined()
    expect(felt({ candidates, feeler: later })).toBeUndefined()
    expect(felt({ candidates: [candidate('a', { nextAttempt: 5_000 })] })).toBeUndefined()
    expect(felt({ candidates: [known('reached')] })).toBeUndefined()
    expect(felt({ candidates, mode: { peers: 'connect-only', dht: false } })).toBeUndefined()
  })
})
