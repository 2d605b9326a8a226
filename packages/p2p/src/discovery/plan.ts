/**
 * What discovery does next: state in, actions out. Pure and without a network; `scheduler.ts` carries it out.
 *
 * Order: peers that were reached before, anchors and best scores first; peers that discovery found or that came by themselves; bootnodes, at once
 * when nobody is connected and nobody known is being dialled, and otherwise when there is nobody else. Addresses that
 * the operator named are always dialled. The rendezvous and peers are asked for others again and again, ever less often
 * while they name nobody new. Of each public network only so many outbound peers are chosen. With all slots taken, now and
 * then an address that was never reached is tried: the feeler.
 *
 * Source: docs/protocol/peers.md#discovery
 */
import type { Candidate } from '../peers/candidates.ts'
import { firstDifference } from '../peers/first-difference.ts'
import { wasReached } from '../peers/known-peers.ts'
import { peerLimits } from '../peers/peer-limits.ts'

/** Where discovery looks for peers. */
export interface DiscoveryMode {
  /** `connect-only`: dial what the operator named, look for nobody else. */
  readonly peers: 'all' | 'connect-only'
  /** Whether the hash table is asked and told. */
  readonly dht: boolean
  /** Whether the local network is searched by multicast. */
  readonly local?: boolean
}

/** When something that is done again and again was last done. */
export interface Recurrence {
  readonly running: boolean
  /** Not before, in milliseconds. */
  readonly notBefore: number
}

/** All that the plan depends on. */
export interface DiscoveryState {
  readonly mode: DiscoveryMode
  /** Milliseconds since some moment, never going back; as all times here. */
  readonly now: number
  /** Outbound peers wanted. */
  readonly target: number
  /** Outbound peers, those about to become peers included. */
  readonly outbound: number
  /** Ids of all peers, those about to become peers included. */
  readonly connected: ReadonlySet<string>
  /** Keys of candidates being dialled. */
  readonly dialling: ReadonlySet<string>
  /** Public networks of outbound peers and of those being dialled, one entry for each peer. */
  readonly networks: readonly string[]
  readonly candidates: readonly Candidate[]
  /** Known peers that failed for too long. */
  readonly givenUp: readonly string[]
  readonly lookup: Recurrence
  readonly provide: Recurrence
  /** Asking peers for others. */
  readonly exchange: Recurrence
  readonly feeler: Recurrence
  /** From 0 to 1: draws the address that the feeler tries. */
  readonly draw: number
}

/** What to do now. */
export interface DiscoveryPlan {
  readonly dial: readonly Candidate[]
  readonly lookUp: boolean
  readonly provide: boolean
  readonly exchange: boolean
  /** Whose address to try. */
  readonly feel: Candidate | undefined
  readonly forget: readonly string[]
  /** When to plan again if nothing happens before, in milliseconds; `undefined` when only an event can help. */
  readonly wakeAt: number | undefined
}

/** Decides what to do now. */
export function planDiscovery(state: DiscoveryState): DiscoveryPlan {
  const free = state.candidates.filter((candidate) => isFree(state, candidate))
  const due = free.filter(({ nextAttempt }) => nextAttempt <= state.now)
  const isSocial = state.mode.peers === 'all' && state.connected.size > 0
  const usesDht = isSocial && state.mode.dht
  const dial = chooseDials(state, due)
  const feel = isSocial && dial.length === 0 ? chooseFeeler(state, due) : undefined
  const times = [
    ...free.filter((candidate) => !dial.includes(candidate)).map(({ nextAttempt }) => nextAttempt),
    ...(usesDht ? [state.lookup.notBefore, state.provide.notBefore] : []),
    ...(isSocial ? [state.exchange.notBefore, state.feeler.notBefore] : []),
  ]
  return {
    dial,
    lookUp: usesDht && isDue(state.lookup, state.now),
    provide: usesDht && isDue(state.provide, state.now),
    exchange: isSocial && isDue(state.exchange, state.now),
    feel,
    forget: state.mode.peers === 'all' ? state.givenUp.filter((peerId) => !isBusy(state, peerId)) : [],
    wakeAt: earliestAfter(state.now, times),
  }
}

function chooseDials(state: DiscoveryState, due: readonly Candidate[]): Candidate[] {
  const named = due.filter(isNamed)
  if (state.mode.peers === 'connect-only') return named
  const slots = state.target - state.outbound - state.dialling.size - named.length
  const others = due.filter((candidate) => !named.includes(candidate))
  return [...named, ...spread(state, inOrder(state, others), slots)]
}

/** The first `slots` candidates of which not too many are in one network. Fixed ones are exempt. */
function spread({ networks }: DiscoveryState, candidates: readonly Candidate[], slots: number): Candidate[] {
  const taken = [...networks]
  const chosen: Candidate[] = []
  for (const candidate of candidates) {
    if (chosen.length >= slots) break
    if (!candidate.fixed && candidate.networks.some((network) => isFull(taken, network))) continue
    chosen.push(candidate)
    taken.push(...candidate.networks)
  }
  return chosen
}

function isFull(taken: readonly string[], network: string): boolean {
  return taken.filter((each) => each === network).length >= peerLimits.outboundPerNetwork
}

/** With a free slot, candidates are tried by being dialled. */
function chooseFeeler(state: DiscoveryState, due: readonly Candidate[]): Candidate | undefined {
  if (!isDue(state.feeler, state.now) || state.outbound < state.target) return undefined
  const untried = due.filter((candidate) => !candidate.fixed && !wasReached(candidate))
  return untried[Math.min(untried.length - 1, Math.floor(state.draw * untried.length))]
}

function isNamed({ fixed, source }: Candidate): boolean {
  return fixed && source === 'connect'
}

function inOrder(state: DiscoveryState, due: readonly Candidate[]): Candidate[] {
  const known = due.filter(wasReached).sort(compareKnown)
  const strangers = due.filter((candidate) => !wasReached(candidate))
  const found = strangers.filter(({ fixed }) => !fixed).sort((a, b) => a.failures - b.failures)
  const bootnodes = strangers.filter(({ fixed }) => fixed)
  const tries = known.length > 0 || state.dialling.size > 0
  if (state.connected.size === 0) return tries ? known : [...bootnodes, ...found]
  const others = [...known, ...found]
  return others.length > 0 ? others : bootnodes
}

function compareKnown(a: Candidate, b: Candidate): number {
  return firstDifference(
    Number(b.anchor) - Number(a.anchor),
    b.score - a.score,
    a.failures - b.failures,
    (b.lastSuccess ?? 0) - (a.lastSuccess ?? 0),
  )
}

function isFree(state: DiscoveryState, { key, peerId = key }: Candidate): boolean {
  return !state.dialling.has(key) && !isBusy(state, peerId)
}

function isBusy({ connected, dialling }: DiscoveryState, peerId: string): boolean {
  return connected.has(peerId) || dialling.has(peerId)
}

function isDue({ running, notBefore }: Recurrence, now: number): boolean {
  return !running && notBefore <= now
}

/** What is due already waits for an event: a free slot, the end of what runs. */
function earliestAfter(now: number, times: readonly number[]): number | undefined {
  const future = times.filter((time) => time > now)
  return future.length === 0 ? undefined : Math.min(...future)
}
