/**
 * Which inbound peer gives way when a newcomer finds no room. Pure.
 *
 * Whoever has done something that cannot be had for many connections is protected: a few peers of networks that a secret
 * picks, those that answer fastest, those that lately brought a new transaction or a new block, then the half of the rest
 * that has been here longest. Of the others the network with most connections loses its youngest. An attacker who opens
 * any number of connections therefore pushes out his own.
 *
 * Source: docs/protocol/peers.md#eviction; Bitcoin Core, `node/eviction.cpp`
 */

import { firstDifference } from './first-difference.ts'

/** An inbound peer as the choice sees it. Times are Unix milliseconds. */
export interface EvictionCandidate {
  readonly id: string
  /** From `networkOf`, or another name for where it comes from. */
  readonly network: string
  /** Milliseconds there and back, when measured. */
  readonly latency: number | undefined
  /** When it last brought a block that was new here. */
  readonly lastBlock: number | undefined
  /** When it last brought a transaction that was new here. */
  readonly lastTransaction: number | undefined
  readonly connectedAt: number
}

/** Peers that are protected for each reason; `docs/limits.md` mirrors them. */
export const evictionLimits = {
  /** Of the networks with the highest rank, one for each. */
  networks: 4,
  /** With the lowest latency. */
  latency: 8,
  /** That brought a new transaction last. */
  transactions: 4,
  /** That brought a new block last. */
  blocks: 4,
} as const

/**
 * The id of the peer that gives way, or `undefined` when all are protected.
 *
 * @param rankOf - a secret order of networks, the same for the life of the node
 */
export function selectEviction(
  candidates: readonly EvictionCandidate[],
  rankOf: (network: string) => number,
): string | undefined {
  const { networks, latency, transactions, blocks } = evictionLimits
  let rest = [...candidates]
  rest = without(rest, oneOfEach(rest.toSorted((a, b) => rankOf(b.network) - rankOf(a.network))), networks)
  rest = without(
    rest,
    ascending(rest, (one) => one.latency),
    latency,
  )
  rest = without(
    rest,
    ascending(rest, (one) => negated(one.lastTransaction)),
    transactions,
  )
  rest = without(
    rest,
    ascending(rest, (one) => negated(one.lastBlock)),
    blocks,
  )
  rest = without(
    rest,
    ascending(rest, (one) => one.connectedAt),
    Math.ceil(rest.length / 2),
  )
  return youngest(largestNetwork(rest))?.id
}

/** `candidates` without the first `count` of `protectedFirst`. */
function without(
  candidates: readonly EvictionCandidate[],
  protectedFirst: readonly EvictionCandidate[],
  count: number,
): EvictionCandidate[] {
  const kept = new Set(protectedFirst.slice(0, count))
  return candidates.filter((candidate) => !kept.has(candidate))
}

/** Those that have the quality, the least of it first. */
function ascending(
  candidates: readonly EvictionCandidate[],
  quality: (candidate: EvictionCandidate) => number | undefined,
): EvictionCandidate[] {
  const measured = candidates.flatMap((candidate) => {
    const value = quality(candidate)
    return value === undefined ? [] : [{ candidate, value }]
  })
  return measured.sort((a, b) => a.value - b.value).map(({ candidate }) => candidate)
}

function negated(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value
}

/** The first of each network. */
function oneOfEach(candidates: readonly EvictionCandidate[]): EvictionCandidate[] {
  const firsts = new Map<string, EvictionCandidate>()
  for (const candidate of candidates) {
    if (!firsts.has(candidate.network)) firsts.set(candidate.network, candidate)
  }
  return [...firsts.values()]
}

/** The members of the network with most of them; of several such networks, of the one whose youngest is the youngest. */
function largestNetwork(candidates: readonly EvictionCandidate[]): readonly EvictionCandidate[] {
  const groups = [...Map.groupBy(candidates, ({ network }) => network).values()]
  const age = (group: readonly EvictionCandidate[]): number => youngest(group)?.connectedAt ?? 0
  return groups.sort((a, b) => firstDifference(b.length - a.length, age(b) - age(a)))[0] ?? []
}

function youngest(candidates: readonly EvictionCandidate[]): EvictionCandidate | undefined {
  return ascending(candidates, ({ connectedAt }) => -connectedAt)[0]
}
