/**
 * Decides whom to ask for which transaction: each from one peer at a time, from another that announced it when the first
 * does not deliver. Pure: clock and chance are handed in, and what to ask is returned.
 *
 * Peers that this node chose go before those that chose it, which have to wait a moment for the others: whoever connects to
 * many nodes and announces first, but does not deliver, gains little. Of several of a kind one is drawn, so that being first
 * gains nothing either.
 *
 * Bounds: `relayLimits.announcedPerPeer` and `relayLimits.requestedPerPeer` for each peer.
 *
 * Source: docs/protocol/peers.md#relay; Bitcoin Core, `txrequest.h`
 */
import { bytesKey } from '@chain/core/bytes'
import type { Txid } from '@chain/core/primitives'
import type { Direction } from '../peers/peer.ts'
import type { Random } from '../random.ts'
import { relayLimits } from './relay-limits.ts'

/** What to ask now, by peer. */
export type Questions = ReadonlyMap<string, readonly Txid[]>

/** What a node may choose about whom to ask. */
export interface RequestOptions {
  /** Milliseconds that announcements of inbound peers wait, while there is an outbound peer. */
  readonly inboundDelay: number
  readonly random: Random
}

interface Candidate {
  readonly id: Txid
  /** Who announced it and was not asked yet, with the moment from which on it may be. */
  readonly announcers: Map<string, number>
}

interface PeerState {
  readonly direction: Direction
  /** Keys of what it announced and was not asked for yet. */
  readonly announced: Set<string>
  /** Keys of what it was asked for. */
  readonly asked: Set<string>
}

/** The transactions that are wanted, and who is asked for them. */
export class TransactionRequests {
  readonly #options: RequestOptions
  readonly #candidates = new Map<string, Candidate>()
  /** Who is asked for what until when, the first to end first. */
  readonly #asked = new Map<string, { readonly peer: string; readonly until: number }>()
  /** What may be asked for later, the first first; it may have been settled by then. */
  readonly #delayed = new Set<{ readonly key: string; readonly from: number }>()
  readonly #peers = new Map<string, PeerState>()
  #outbound = 0

  constructor(options: RequestOptions) {
    this.#options = options
  }

  /** How many transactions are wanted. */
  get size(): number {
    return this.#candidates.size
  }

  /** Whether a peer was asked for a transaction that has not come. */
  isAsked(peer: string, id: Txid): boolean {
    return this.#asked.get(bytesKey(id))?.peer === peer
  }

  /** Who announced a transaction and was not asked for it. */
  announcers(id: Txid): string[] {
    return [...(this.#candidates.get(bytesKey(id))?.announcers.keys() ?? [])]
  }

  /** When {@link expire} is due, or `undefined`. */
  get nextExpiry(): number | undefined {
    const [asked] = this.#asked.values()
    const [delayed] = this.#delayed
    if (asked === undefined || delayed === undefined) return asked?.until ?? delayed?.from
    return Math.min(asked.until, delayed.from)
  }

  /** A peer came. */
  addPeer(peer: string, direction: Direction): void {
    this.#peers.set(peer, { direction, announced: new Set(), asked: new Set() })
    if (direction === 'outbound') this.#outbound += 1
  }

  /** A peer has these transactions, and this node wants them. */
  announce(peer: string, ids: readonly Txid[], now: number): Questions {
    const state = this.#peers.get(peer)
    if (state === undefined) return new Map()
    const from = now + (state.direction === 'inbound' && this.#outbound > 0 ? this.#options.inboundDelay : 0)
    const keys: string[] = []
    for (const id of ids) {
      if (state.announced.size >= relayLimits.announcedPerPeer) break
      const key = bytesKey(id)
      if (state.asked.has(key) || state.announced.has(key)) continue
      // An id may be a view into a transaction that spends it: a copy does not keep that in memory.
      const candidate = this.#candidates.get(key) ?? { id: id.slice(), announcers: new Map() }
      this.#candidates.set(key, candidate)
      candidate.announcers.set(peer, from)
      state.announced.add(key)
      if (from > now) this.#delayed.add({ key, from })
      else keys.push(key)
    }
    return this.#ask(keys, now)
  }

  /** A transaction has come, from wherever: nobody needs to be asked for it any more. */
  settle(id: Txid, now: number): Questions {
    const key = bytesKey(id)
    const asked = this.#release(key)
    for (const peer of this.#candidates.get(key)?.announcers.keys() ?? []) {
      this.#peers.get(peer)?.announced.delete(key)
    }
    this.#candidates.delete(key)
    return this.#ask([], now, asked === undefined ? [] : [asked])
  }

  /** A peer does not have these transactions that it was asked for. */
  refuse(peer: string, ids: readonly Txid[], now: number): Questions {
    const keys = ids.filter((id) => this.isAsked(peer, id)).map(bytesKey)
    for (const key of keys) this.#giveUp(key)
    return this.#ask(keys, now, [peer])
  }

  /** A peer is gone. */
  removePeer(peer: string, now: number): Questions {
    const state = this.#peers.get(peer)
    if (state === undefined) return new Map()
    this.#peers.delete(peer)
    if (state.direction === 'outbound') this.#outbound -= 1
    for (const key of state.announced) {
      this.#candidates.get(key)?.announcers.delete(peer)
      this.#dropIfHopeless(key)
    }
    for (const key of state.asked) this.#giveUp(key)
    return this.#ask(state.asked, now)
  }

  /** Gives up what is late, and asks for what has waited long enough; `late` are the peers that were asked in vain. */
  expire(now: number): { readonly late: ReadonlySet<string>; readonly questions: Questions } {
    const late = new Set<string>()
    const keys: string[] = []
    for (const delayed of this.#delayed) {
      if (delayed.from > now) break
      this.#delayed.delete(delayed)
      keys.push(delayed.key)
    }
    for (const [key, { peer, until }] of this.#asked) {
      if (until > now) break
      late.add(peer)
      this.#giveUp(key)
      keys.push(key)
    }
    return { late, questions: this.#ask(keys, now, late) }
  }

  /** Who was asked for it does not deliver. */
  #giveUp(key: string): void {
    this.#release(key)
    this.#dropIfHopeless(key)
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

  /** Asks for these, and the peers that can be asked for more for what they have announced. */
  #ask(keys: Iterable<string>, now: number, freed: Iterable<string> = []): Questions {
    const questions = new Map<string, Txid[]>()
    for (const key of keys) this.#askFor(key, now, questions)
    for (const peer of freed) {
      const state = this.#peers.get(peer)
      for (const key of state?.announced ?? []) {
        if (state === undefined || state.asked.size >= relayLimits.requestedPerPeer) break
        this.#askFor(key, now, questions)
      }
    }
    return questions
  }

  #askFor(key: string, now: number, questions: Map<string, Txid[]>): void {
    const candidate = this.#candidates.get(key)
    if (candidate === undefined || this.#asked.has(key)) return
    const peer = this.#choose(candidate, now)
    if (peer === undefined) return
    this.#assign(key, candidate, peer, now)
    const ids = questions.get(peer) ?? []
    ids.push(candidate.id)
    questions.set(peer, ids)
  }

  #assign(key: string, { announcers }: Candidate, peer: string, now: number): void {
    const state = this.#peers.get(peer)
    announcers.delete(peer)
    state?.announced.delete(key)
    state?.asked.add(key)
    this.#asked.set(key, { peer, until: now + relayLimits.transactionTimeout })
  }

  /** One of those that may be asked now: of the outbound ones, if there are any. */
  #choose({ announcers }: Candidate, now: number): string | undefined {
    const free = [...announcers].flatMap(([peer, from]) => {
      const state = this.#peers.get(peer)
      const canBeAsked = state !== undefined && from <= now && state.asked.size < relayLimits.requestedPerPeer
      return canBeAsked ? { peer, direction: state.direction } : []
    })
    const outbound = free.filter(({ direction }) => direction === 'outbound')
    const eligible = outbound.length > 0 ? outbound : free
    return eligible[Math.floor(this.#options.random() * eligible.length)]?.peer
  }
}
