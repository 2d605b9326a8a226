/**
 * Decides whom to ask for which transaction: each from one peer at a time, from the next that announced it when the
 * first does not deliver. Pure: the clock is handed in, and what to ask is returned.
 *
 * Bounds: `relayLimits.announcedPerPeer` and `relayLimits.requestedPerPeer` for each peer.
 *
 * Source: docs/protocol/peers.md#relay; Bitcoin Core, `txrequest.h`
 */
import { bytesKey } from '@chain/core/bytes'
import type { Txid } from '@chain/core/primitives'
import { relayLimits } from './relay-limits.ts'

/** What to ask now, by peer. */
export type Questions = ReadonlyMap<string, readonly Txid[]>

interface Candidate {
  readonly id: Txid
  /** Who announced it and was not asked yet. */
  readonly announcers: Set<string>
}

/** Keys of transactions. */
interface PeerState {
  /** What it announced and was not asked for yet. */
  readonly announced: Set<string>
  /** What it was asked for. */
  readonly asked: Set<string>
}

/** The transactions that are wanted, and who is asked for them. */
export class TransactionRequests {
  readonly #candidates = new Map<string, Candidate>()
  /** Who is asked for what until when, the first to end first. */
  readonly #asked = new Map<string, { readonly peer: string; readonly until: number }>()
  readonly #peers = new Map<string, PeerState>()

  /** How many transactions are wanted. */
  get size(): number {
    return this.#candidates.size
  }

  /** Whether a peer was asked for a transaction that has not come. */
  isAsked(peer: string, id: Txid): boolean {
    return this.#asked.get(bytesKey(id))?.peer === peer
  }

  /** When {@link expire} is due, or `undefined`. */
  get nextExpiry(): number | undefined {
    const [first] = this.#asked.values()
    return first?.until
  }

  /** A peer has these transactions, and this node wants them. */
  announce(peer: string, ids: readonly Txid[], now: number): Questions {
    const state = this.#peers.get(peer) ?? { announced: new Set(), asked: new Set() }
    this.#peers.set(peer, state)
    for (const id of ids) {
      if (state.announced.size >= relayLimits.announcedPerPeer) break
      const key = bytesKey(id)
      if (state.asked.has(key)) continue
      const candidate = this.#candidates.get(key) ?? { id, announcers: new Set() }
      this.#candidates.set(key, candidate)
      candidate.announcers.add(peer)
      state.announced.add(key)
    }
    return this.#ask([peer], now)
  }

  /** A transaction has come, from wherever: nobody needs to be asked for it any more. */
  settle(id: Txid, now: number): Questions {
    const key = bytesKey(id)
    const asked = this.#release(key)
    for (const peer of this.#candidates.get(key)?.announcers ?? []) {
      this.#peers.get(peer)?.announced.delete(key)
    }
    this.#candidates.delete(key)
    return this.#ask(asked === undefined ? [] : [asked], now)
  }

  /** A peer does not have these transactions that it was asked for. */
  refuse(peer: string, ids: readonly Txid[], now: number): Questions {
    const refused = ids.filter((id) => this.isAsked(peer, id))
    const others = refused.flatMap((id) => this.#giveUp(bytesKey(id)))
    return this.#ask(new Set([peer, ...others]), now)
  }

  /** A peer is gone. */
  removePeer(peer: string, now: number): Questions {
    const state = this.#peers.get(peer)
    if (state === undefined) return new Map()
    this.#peers.delete(peer)
    for (const key of state.announced) {
      this.#candidates.get(key)?.announcers.delete(peer)
      this.#dropIfHopeless(key)
    }
    return this.#ask(new Set([...state.asked].flatMap((key) => this.#giveUp(key))), now)
  }

  /** Gives up what is late; `late` are the peers that were asked for it. */
  expire(now: number): { readonly late: ReadonlySet<string>; readonly questions: Questions } {
    const late = new Set<string>()
    const others = new Set<string>()
    for (const [key, { peer, until }] of [...this.#asked]) {
      if (until > now) break
      late.add(peer)
      for (const other of this.#giveUp(key)) others.add(other)
    }
    return { late, questions: this.#ask(new Set([...late, ...others]), now) }
  }

  /** Who was asked for it does not deliver; returns who else might. */
  #giveUp(key: string): string[] {
    this.#release(key)
    const others = [...(this.#candidates.get(key)?.announcers ?? [])]
    this.#dropIfHopeless(key)
    return others
  }

  /** Nobody is asked for it any more; returns who was. */
  #release(key: string): string | undefined {
    const peer = this.#asked.get(key)?.peer
    this.#asked.delete(key)
    if (peer !== undefined) this.#peers.get(peer)?.asked.delete(key)
    return peer
  }

  #dropIfHopeless(key: string): void {
    if (this.#asked.has(key) || this.#candidates.get(key)?.announcers.size !== 0) return
    this.#candidates.delete(key)
  }

  #ask(peers: Iterable<string>, now: number): Questions {
    const questions = new Map<string, Txid[]>()
    for (const peer of peers) {
      const state = this.#peers.get(peer)
      const ids = state === undefined ? [] : this.#take(peer, state, now)
      if (ids.length > 0) questions.set(peer, ids)
    }
    return questions
  }

  #take(peer: string, { announced, asked }: PeerState, now: number): Txid[] {
    const ids: Txid[] = []
    for (const key of announced) {
      if (asked.size >= relayLimits.requestedPerPeer) break
      const candidate = this.#candidates.get(key)
      if (candidate === undefined || this.#asked.has(key)) continue
      this.#asked.set(key, { peer, until: now + relayLimits.transactionTimeout })
      candidate.announcers.delete(peer)
      announced.delete(key)
      asked.add(key)
      ids.push(candidate.id)
    }
    return ids
  }
}
