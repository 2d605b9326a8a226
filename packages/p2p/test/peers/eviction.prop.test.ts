import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EvictionCandidate, evictionLimits, selectEviction } from '../../src/peers/eviction.ts'

/** A fixed order of networks: the longer text is higher, then the later one in the alphabet. */
const rankOf = (network: string): number => network.length * 1_000 + (network.codePointAt(0) ?? 0)

const optional = (max: number): fc.Arbitrary<number | undefined> => fc.option(fc.nat(max), { nil: undefined })

function peers(network: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<EvictionCandidate[]> {
  const peer = fc.record({
    id: fc.uuid(),
    network,
    latency: optional(500),
    lastBlock: optional(10_000),
    lastTransaction: optional(10_000),
    connectedAt: fc.nat(10_000),
  })
  return fc.uniqueArray(peer, { selector: ({ id }) => id, maxLength })
}

const honestPeers = peers(fc.constantFrom('10.1', '10.2', '10.3', '10.4', '10.5', '10.6', '10.7'), 40)

/** The ids of those with the least of a quality, without ties at the edge. */
function best(
  all: readonly EvictionCandidate[],
  count: number,
  quality: (one: EvictionCandidate) => number,
): string[] {
  const sorted = all.toSorted((a, b) => quality(a) - quality(b))
  const edge = sorted[count]
  const inFront = sorted.slice(0, count).filter((one) => edge === undefined || quality(one) < quality(edge))
  return inFront.filter((one) => Number.isFinite(quality(one))).map(({ id }) => id)
}

describe('the inbound peer that gives way', () => {
  it('is never one that brought something new, answers fast, or stands for a network that was picked', () => {
    fc.assert(
      fc.property(peers(fc.constantFrom('a', 'b', 'ccc'), 120), (all) => {
        const chosen = selectEviction(all, rankOf)
        const isSafe = [
          ...best(all, evictionLimits.latency, ({ latency = Infinity }) => latency),
          ...best(all, evictionLimits.blocks, ({ lastBlock }) => -(lastBlock ?? -Infinity)),
          ...best(all, evictionLimits.transactions, ({ lastTransaction }) => -(lastTransaction ?? -Infinity)),
        ]
        expect(isSafe).not.toContain(chosen)
      }),
    )
  })

  it('is never one of the half that has been here longest', () => {
    fc.assert(
      fc.property(honestPeers, (all) => {
        const chosen = all.find(({ id }) => id === selectEviction(all, rankOf))
        const younger = all.filter(({ connectedAt }) => connectedAt > (chosen?.connectedAt ?? 0))
        expect(chosen === undefined || younger.length <= all.length / 2).toBe(true)
      }),
    )
  })

  it('is of the attacker, however many connections he opens from one network', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({
            id: fc.uuid(),
            network: fc.string({ minLength: 4, maxLength: 8 }),
            connectedAt: fc.nat(100),
          }),
          { selector: ({ network }) => network, maxLength: 30 },
        ),
        fc.integer({ min: 40, max: 200 }),
        (honest, count) => {
          const plain = { latency: undefined, lastBlock: undefined, lastTransaction: undefined }
          const attacker = Array.from({ length: count }, (_, index) => ({
            ...plain,
            id: `attacker ${index}`,
            network: 'x',
            connectedAt: 1_000 + index,
          }))
          const all = [...honest.map((one) => ({ ...plain, ...one })), ...attacker]
          expect(selectEviction(all, rankOf)).toBe(`attacker ${count - 1}`)
        },
      ),
    )
  })

  it('leaves room again and again only to those who come: honest peers outlast any number of newcomers of k networks', () => {
    const honest = Array.from({ length: 24 }, (_, index) => ({
      id: `honest ${index}`,
      network: `honest ${index}`,
      latency: 10 + index,
      lastBlock: index < 4 ? 500 + index : undefined,
      lastTransaction: index < 4 ? 500 + index : undefined,
      connectedAt: index,
    }))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 300 }), (networks, rounds) => {
        let all: EvictionCandidate[] = honest
        for (let round = 0; round < 40 + rounds; round++) {
          const newcomer: EvictionCandidate = {
            id: `attacker ${round}`,
            network: `attacker ${round % networks}`,
            latency: 1_000,
            lastBlock: undefined,
            lastTransaction: undefined,
            connectedAt: 1_000 + round,
          }
          const evicted = all.length < 64 ? undefined : selectEviction(all, rankOf)
          all = [...all.filter(({ id }) => id !== evicted), newcomer]
        }
        expect(all.filter(({ id }) => id.startsWith('honest'))).toHaveLength(honest.length)
      }),
      { numRuns: 20 },
    )
  })
})
