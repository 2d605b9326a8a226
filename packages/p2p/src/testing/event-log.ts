/**
 * What happens in a simulation, in order: told to a listener, and hashed, so that two runs can be compared.
 */
import { createHash } from 'node:crypto'
import { type BlockHash, formatHash } from '@chain/core/primitives'
import type { Height } from '@chain/core/units'
import type { PenaltyReason } from '../peers/score.ts'

/** Something that happened; nodes are named by their ids. */
export type SimulationEvent =
  /** A node's chain has a new tip. */
  | { readonly type: 'tip'; readonly node: string; readonly hash: BlockHash; readonly height: Height }
  /** A transaction waits in a node's mempool. */
  | { readonly type: 'transaction'; readonly node: string; readonly txid: Uint8Array }
  /** A frame has come to `node`. `bytes` counts it with its length prefix. */
  | {
      readonly type: 'frame'
      readonly node: string
      readonly from: string
      readonly protocol: string
      readonly bytes: number
    }
  /** A node takes points from a peer. */
  | {
      readonly type: 'penalty'
      readonly node: string
      readonly peer: string
      readonly reason: PenaltyReason
      readonly detail: string
    }
  /** Two nodes are peers, or are no longer. */
  | { readonly type: 'connected' | 'disconnected'; readonly node: string; readonly peer: string }
  | { readonly type: 'started' | 'stopped'; readonly node: string }
  /** A node's log was warned. */
  | { readonly type: 'warning'; readonly node: string; readonly message: string }

/** Told of each event and the time, in milliseconds since the beginning. */
export type SimulationListener = (event: SimulationEvent, time: number) => void

/** Holds no events, only their hash. */
export class EventLog {
  readonly #now: () => number
  readonly #hash = createHash('sha256')
  readonly #listeners = new Set<SimulationListener>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Registers a listener and returns the function that removes it. */
  subscribe(listener: SimulationListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Something happens now. */
  add(event: SimulationEvent): void {
    const now = this.#now()
    this.#hash.update(`${now} ${describe(event)}\n`)
    for (const listener of this.#listeners) listener(event, now)
  }

  /** 64 hex digits: the hash of all events so far. */
  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}

function describe(event: SimulationEvent): string {
  const fields = Object.values(event).map((value: unknown) =>
    value instanceof Uint8Array ? formatHash(value) : String(value),
  )
  return fields.join(' ')
}
