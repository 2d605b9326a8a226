/**
 * The state of a node as people and scripts see it: one word, and a sentence that says why and what to do.
 *
 * Pure: what it depends on is handed in.
 */
import type { Height } from '@chain/core/units'
import type { PeerProspects } from '@chain/p2p'
import { describePrunedFork } from './errors.ts'
import { printable } from './printable.ts'

/**
 * - `starting`: the node is not yet able to talk to peers.
 * - `syncing`: it is behind and makes progress.
 * - `stalled`: it is behind and has made no progress for a while, or can make none.
 * - `no-peers`: nobody is connected, so nobody can say whether it is behind.
 * - `synced`: it has everything that its peers say there is.
 */
export type NodeState = 'starting' | 'syncing' | 'stalled' | 'no-peers' | 'synced'

/** Milliseconds without progress after which a node that is behind counts as stalled. */
export const STALL_TIME = 60_000

/** What the state depends on. */
export interface StateFacts {
  /** Whether the network is up. */
  readonly started: boolean
  /** Height of the active chain. */
  readonly height: Height
  /** Height of the best known header. */
  readonly headers: Height
  /** Whether the best header chain has more work than the active chain. */
  readonly bodiesMissing: boolean
  /** Connected peers. */
  readonly peers: number
  /** Connected peers that claim a chain with more work than ours and have not been found wrong. */
  readonly peersAhead: number
  /** Whom it may connect to, and what went wrong with it. */
  readonly prospects: PeerProspects
  /** Seconds by which the clocks of most peers are ahead of ours, when that is too much. */
  readonly clockOffset: number | undefined
  /** Milliseconds that the node has been behind without taking in a block or header with more work. */
  readonly idleTime: number
  /** Height at which a better branch leaves the chain where it cannot be followed, because blocks were pruned. */
  readonly prunedFork: Height | undefined
}

/** A state, and a sentence or two about it. */
export interface DescribedState {
  readonly state: NodeState
  readonly why: string
}

/** The state that follows from the facts, and why. */
export function describeState(facts: StateFacts): DescribedState {
  const { state, why } = describeProgress(facts)
  const { clockOffset } = facts
  return { state, why: clockOffset === undefined ? why : `${why} ${describeClock(clockOffset)}` }
}

function describeProgress(facts: StateFacts): DescribedState {
  const { started, height, headers, bodiesMissing, peers, peersAhead, idleTime } = facts
  if (!started) return { state: 'starting', why: 'The network is not up yet.' }
  if (facts.prunedFork !== undefined) {
    return { state: 'stalled', why: describePrunedFork(facts.prunedFork) }
  }
  const progress = `blocks of the best header chain are missing (height ${height} of ${headers})`
  if (peers === 0) {
    const lack = bodiesMissing ? `, and ${progress}` : ''
    return { state: 'no-peers', why: `No peer is connected${lack}: ${describeProspects(facts.prospects)}.` }
  }
  if (!bodiesMissing && peersAhead === 0) {
    return {
      state: 'synced',
      why: `None of ${count(peers, 'peer')} has a better chain than height ${height}.`,
    }
  }
  const lack = bodiesMissing ? progress : `${peersAhead} of ${count(peers, 'peer')} claim a better chain`
  if (idleTime < STALL_TIME) return { state: 'syncing', why: `${capitalise(lack)}.` }
  return {
    state: 'stalled',
    why: `${capitalise(lack)}, but nothing came for ${Math.floor(idleTime / 1_000)} seconds: other peers may have it (chain-node peers add).`,
  }
}

/** Why nobody is connected, and what to do, as a clause. */
function describeProspects({ troubles, lastRefusal, hasCandidates, hasBanned }: PeerProspects): string {
  const [trouble, ...others] = troubles
  if (trouble !== undefined) {
    const more =
      others.length === 0
        ? ''
        : `, nor is there a peer at ${count(others.length, 'other address', 'other addresses')} that ${others.length === 1 ? 'was' : 'were'} named`
    return `${printable(trouble.why)}${more}; it is tried again, or name another one (chain-node peers add)`
  }
  if (lastRefusal !== undefined) return `${lastRefusal}; others are looked for`
  if (hasCandidates) return 'those that are known are being tried, or name another one (chain-node peers add)'
  if (hasBanned)
    return 'those that are known are banned (chain-node peers banned), so let one in again or name another one'
  return 'none is known, so name one (--bootnode, or chain-node peers add)'
}

/** @param offset - seconds by which the clocks of others are ahead */
function describeClock(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60)
  return `The clocks of most peers are ${minutes} minutes ${offset > 0 ? 'ahead of' : 'behind'} that of this machine: set it right.`
}

function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
