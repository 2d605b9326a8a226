import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type DiscoveryState, planDiscovery } from '../../src/discovery/plan.ts'
import type { Candidate } from '../../src/peers/candidates.ts'
import { peerLimits } from '../../src/peers/peer-limits.ts'

const network = fc.constantFrom('1.1.0.0/16', '2.2.0.0/16', '3.3.0.0/16')

const candidates: fc.Arbitrary<Candidate[]> = fc.uniqueArray(
  fc
    .record({
      key: fc.nat(60).map(String),
      networks: fc.uniqueArray(network, { maxLength: 2 }),
      kind: fc.constantFrom('found', 'known', 'bootnode', 'named'),
      score: fc.integer({ min: -20, max: 0 }),
      failures: fc.nat(3),
      nextAttempt: fc.nat(2_000),
      anchor: fc.boolean(),
    })
    .map(
      ({ kind, ...rest }): Candidate => ({
        ...rest,
        addresses: [],
        source: kind === 'named' ? 'connect' : kind === 'bootnode' ? 'bootnode' : 'dht',
        fixed: kind === 'named' || kind === 'bootnode',
        ...(kind === 'known' ? { lastSuccess: 1 } : {}),
      }),
    ),
  { selector: ({ key }) => key, maxLength: 40 },
)

const recurrence = fc.record({ running: fc.boolean(), notBefore: fc.nat(2_000) })

const states: fc.Arbitrary<DiscoveryState> = fc.record({
  mode: fc.record({ peers: fc.constantFrom('all', 'connect-only'), dht: fc.boolean() }),
  now: fc.constant(1_000),
  target: fc.nat(10),
  outbound: fc.nat(10),
  connected: fc.array(fc.nat(60).map(String)).map((keys) => new Set(keys)),
  dialling: fc.array(fc.nat(60).map(String), { maxLength: 4 }).map((keys) => new Set(keys)),
  networks: fc.array(network, { maxLength: 4 }),
  candidates,
  givenUp: fc.array(fc.nat(60).map(String)),
  lookup: recurrence,
  provide: recurrence,
  exchange: recurrence,
  feeler: recurrence,
  draw: fc.double({ min: 0, max: 1, noNaN: true }),
})

const isNamed = ({ fixed, source }: Candidate): boolean => fixed && source === 'connect'

it('a plan dials nobody twice, too early or too many, and nobody that is there', () => {
  fc.assert(
    fc.property(states, (state) => {
      const { dial, feel } = planDiscovery(state)
      const all = feel === undefined ? dial : [...dial, feel]
      expect(new Set(all).size).toBe(all.length)
      for (const { key, nextAttempt } of all) {
        expect(nextAttempt).toBeLessThanOrEqual(state.now)
        expect(state.connected.has(key) || state.dialling.has(key)).toBe(false)
      }
      const chosen = dial.filter((candidate) => !isNamed(candidate))
      expect(chosen.length).toBeLessThanOrEqual(
        Math.max(0, state.target - state.outbound - state.dialling.size),
      )
    }),
  )
})

it('a plan fills no network beyond its part', () => {
  fc.assert(
    fc.property(states, (state) => {
      const found = planDiscovery(state).dial.filter(({ fixed }) => !fixed)
      for (const each of new Set(found.flatMap(({ networks }) => networks))) {
        const before = state.networks.filter((taken) => taken === each).length
        const added = found.filter(({ networks }) => networks.includes(each)).length
        expect(before + added).toBeLessThanOrEqual(peerLimits.outboundPerNetwork)
      }
    }),
  )
})

it('a plan of a node that looks for nobody dials whom its operator named, and does nothing else', () => {
  fc.assert(
    fc.property(states, (state) => {
      const plan = planDiscovery({ ...state, mode: { peers: 'connect-only', dht: true } })
      expect(plan.dial.every(isNamed)).toBe(true)
      expect(plan).toMatchObject({
        lookUp: false,
        provide: false,
        exchange: false,
        feel: undefined,
        forget: [],
      })
    }),
  )
})

it('a plan wakes up in the future, or when an event comes', () => {
  fc.assert(
    fc.property(states, (state) => {
      const { wakeAt = Infinity } = planDiscovery(state)
      expect(wakeAt).toBeGreaterThan(state.now)
    }),
  )
})
