/**
 * The peers that both halves of the sync planner choose from, and what their failures cost them.
 *
 * Not for what is asked of them (`headers-plan.ts`, `blocks-plan.ts`).
 *
 * Source: docs/protocol/sync.md#peers
 */
import type { PlannedPeer, Rests } from './planned-peer.ts'
import type { SyncAction, SyncVice } from './sync-events.ts'

/** By peer id. Bound: the peers that the planner is told of. */
export class PlannedPeers {
  readonly #rests: Rests
  readonly #byId = new Map<string, PlannedPeer>()
  /** What has not been told yet. */
  readonly #blames: SyncAction[] = []

  constructor(rests: Rests) {
    this.#rests = rests
  }

  /** The peer with this id, or `undefined`. */
  get(id: string): PlannedPeer | undefined {
    return this.#byId.get(id)
  }

  /** A peer came. */
  add(peer: PlannedPeer): void {
    this.#byId.set(peer.id, peer)
  }

  /** A peer is gone. */
  remove(id: string): void {
    this.#byId.delete(id)
  }

  /** All of them, the one that came first first. */
  list(): PlannedPeer[] {
    return [...this.#byId.values()]
  }

  /** Those that do not rest, the most reliable first; of equals, the one that came first. */
  rested(now: number): PlannedPeer[] {
    return this.list()
      .filter(({ restUntil }) => restUntil <= now)
      .sort((a, b) => a.failures - b.failures)
  }

  /** A peer has failed in a way that it is not to blame for, and rests. */
  rest(peer: PlannedPeer, now: number): void {
    peer.learnFailure(now, this.#rests)
  }

  /** A peer rests for as long as any does, however often it has failed. */
  restLongest(peer: PlannedPeer, now: number): void {
    peer.restUntil = now + this.#rests.longestRest
  }

  /** A peer rests, and is blamed when it has failed too often. */
  fail(peer: PlannedPeer, vice: SyncVice, now: number): void {
    if (peer.learnFailure(now, this.#rests)) this.#blames.push({ type: 'blame', peer: peer.id, vice })
  }

  /** Whom to blame since this was asked last. */
  takeBlames(): SyncAction[] {
    return this.#blames.splice(0)
  }
}
