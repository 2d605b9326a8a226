/**
 * Everybody this node might dial: addresses that the operator or the chain spec names, peers known from before, and
 * peers that discovery has heard of; with when each may be dialled next.
 *
 * Not for choosing among them (`discovery/plan.ts`). Bounds: known peers have theirs; fixed addresses come from the
 * operator; what is avoided is bounded by `peerLimits.avoided`.
 */
import type { KnownPeer, PeerSource } from '../ports.ts'
import { publicNetworks } from './address-scope.ts'
import { withPeerId } from './addresses.ts'
import { backOffDelay, fixedBackOff, isGivenUp, peerBackOff } from './back-off.ts'
import { isIpRow } from './ban-list.ts'
import { type FixedAddress, FixedAddresses, type FixedSource, type NamedTrouble } from './fixed-addresses.ts'
import { type KnownPeers, wasReached } from './known-peers.ts'
import { NotBefore } from './not-before.ts'
import { peerLimits, peerTimes } from './peer-limits.ts'
import { savedScore } from './score.ts'
import { Tellers } from './tellers.ts'

/** Somebody to dial. */
export interface Candidate {
  /** The peer id, or the address of somebody whose peer id is not known yet. */
  readonly key: string
  readonly peerId?: string
  /** Multiaddrs to dial, with the peer id when it is known; none when only the hash table knows. */
  readonly addresses: readonly string[]
  /** Public networks that the addresses lead to. */
  readonly networks: readonly string[]
  readonly source: PeerSource
  /** Named by the operator or the chain spec: never forgotten. */
  readonly fixed: boolean
  /** Was a peer of this node at its last stop. */
  readonly anchor: boolean
  readonly score: number
  readonly failures: number
  readonly lastSuccess?: number
  /** Not to be dialled before, in the time of {@link CandidatesOptions.steady}. */
  readonly nextAttempt: number
}

/** What goes with the news of a peer. */
export interface Hearsay {
  /** The peer that said so; the way of discovery when absent. */
  readonly teller?: string
  /** The peer's own newest word: what was heard before is forgotten, unless the peer was reached there. */
  readonly isNewest?: boolean
}

/** What candidates are made from. */
export interface CandidatesOptions {
  readonly known: KnownPeers
  /** The time now, in Unix milliseconds: for what is remembered over restarts. */
  readonly now: () => number
  /** Milliseconds since some moment, never going back: for whom to dial when. */
  readonly steady: () => number
  /** A number from 0 to 1. */
  readonly random: () => number
}

/** The table of candidates. */
export class Candidates {
  readonly #known: KnownPeers
  readonly #now: () => number
  readonly #steady: () => number
  readonly #random: () => number
  readonly #fixed = new FixedAddresses((address) => this.#lastAt(address))
  /** When each may be dialled again. */
  readonly #nextAttempts = new NotBefore()
  /** Until when each is neither dialled nor taken from those who name it. */
  readonly #avoided = new NotBefore()
  readonly #tellers = new Tellers()
  readonly #listeners = new Set<() => void>()

  constructor({ known, now, steady, random }: CandidatesOptions) {
    this.#known = known
    this.#now = now
    this.#steady = steady
    this.#random = random
  }

  /** Calls `listener` when there may be somebody new to dial; returns the function that ends this. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Everybody who may be dialled now or later; no one who is banned or avoided. */
  list(): Candidate[] {
    const fixed = this.#fixed.list()
    const named = new Set(fixed.map(({ peerId }) => peerId))
    const known = [...this.#known.list()].filter(({ peerId }) => !named.has(peerId) && !isIpRow(peerId))
    const all = [...fixed.map((entry) => this.#fromFixed(entry)), ...known.map((row) => this.#fromKnown(row))]
    const isOut = ({ key, peerId }: Candidate): boolean =>
      this.isAvoided(key) || (peerId !== undefined && this.isAvoided(peerId)) || this.#isBanned(peerId)
    return all.filter((candidate) => !isOut(candidate))
  }

  /** Whether there is anybody who is not banned; much cheaper than {@link list}. */
  get hasAny(): boolean {
    if (this.#fixed.list().some(({ peerId }) => !this.#isBanned(peerId))) return true
    for (const { peerId } of this.#known.list()) if (!isIpRow(peerId) && !this.#isBanned(peerId)) return true
    return false
  }

  /** Whether there is anybody who is banned. */
  get hasBanned(): boolean {
    for (const { peerId } of this.#known.list()) if (!isIpRow(peerId) && this.#isBanned(peerId)) return true
    return false
  }

  /**
   * Adds an address that is dialled for ever; says whether it was not there. Of a bootnode's the operator may make his own.
   *
   * @throws {ConnectError} `address-malformed`
   */
  addFixed(text: string, source: FixedSource): boolean {
    const isNew = this.#fixed.add(text, source)
    if (isNew) this.#tell()
    return isNew
  }

  /** Takes back an address of {@link addFixed}; says whether it was there. */
  removeFixed(text: string): boolean {
    return this.#fixed.remove(text)
  }

  /** Addresses of {@link addFixed} at which there was no peer the last time, those of the operator first. */
  get troubles(): NamedTrouble[] {
    return this.#fixed.troubles
  }

  /**
   * Somebody said where a peer is; kept in memory only, until it was reached. Says whether that was news.
   *
   * @param hearsay - who said so, when it was a peer, and whether what was said before is outdated by it
   */
  heard(
    peerId: string,
    addresses: readonly string[],
    source: PeerSource,
    { teller = source, isNewest = false }: Hearsay = {},
  ): boolean {
    const row = this.#known.get(peerId)
    if (row === undefined && this.isAvoided(peerId)) return false
    const before = isNewest && row?.lastSuccess === undefined ? [] : (row?.addresses ?? [])
    const merged = boundAddresses(isNewest ? [...addresses, ...before] : [...before, ...addresses])
    if (row !== undefined && merged.every((address) => row.addresses.includes(address))) return false
    this.#known.update(peerId, { addresses: merged, source: row?.source ?? source }, 'remember')
    if (row === undefined) this.#boundTeller(teller, peerId)
    // Where it is now it has not failed yet.
    else if (isNewest && row.failures > 0) this.#nextAttempts.delete(peerId)
    this.#tell()
    return true
  }

  /** A dial has led to this peer: an address whose peer id was not known has one now. */
  resolve(key: string, peerId: string): void {
    this.#fixed.resolve(key, peerId)
  }

  /**
   * A peer is ready. `addresses` without peer id, the one it was reached at first; those it said come after. One that came by itself
   * (`inbound`) was not reached by that.
   */
  succeeded(peerId: string, addresses: readonly string[], source: PeerSource): void {
    const row = this.#known.get(peerId)
    const now = this.#now()
    for (const fixed of this.#fixed.of(peerId)) {
      fixed.failures = 0
      fixed.why = undefined
    }
    const merged = boundAddresses([...addresses, ...(row?.addresses ?? [])])
    if (merged.length === 0) return
    const change = { addresses: merged, lastAttempt: now, lastSuccess: now, failures: 0 }
    this.#known.update(peerId, { ...change, source: sourceAfter(source, row) })
  }

  /** Somebody could not be reached, or did not stay. @param why - a clause with who it is about */
  failed(key: string, why?: string): void {
    for (const fixed of this.#fixed.of(key)) {
      fixed.failures += 1
      fixed.why = why ?? fixed.why
      this.#postpone(fixed.address, backOffDelay(fixedBackOff, fixed.failures, this.#random()))
    }
    const row = this.#known.get(key)
    if (row === undefined) return
    const failures = row.failures + 1
    const persistence = row.lastSuccess === undefined ? 'remember' : 'save'
    this.#known.update(key, { failures, lastAttempt: this.#now() }, persistence)
    this.#postpone(key, backOffDelay(peerBackOff, failures, this.#random()))
  }

  /** A peer is gone after so many milliseconds: it is dialled again soon, or later when it never stays. */
  left(peerId: string, stayed: number): void {
    if (stayed < peerTimes.shortStay) {
      this.failed(peerId)
      return
    }
    const delay = backOffDelay(peerBackOff, 0, this.#random())
    for (const { address } of this.#fixed.of(peerId)) this.#postpone(address, delay)
    this.seen(peerId)
    this.#postpone(peerId, delay)
  }

  /** A peer is not dialled for some milliseconds, since it said so; an address that the operator named still is. */
  rest(peerId: string, milliseconds: number): void {
    if (this.#known.get(peerId) !== undefined) this.#postpone(peerId, milliseconds)
  }

  /** Whether a peer is not to be dialled yet: it failed, it left, or it said so. */
  isResting(peerId: string): boolean {
    return this.#nextAttempts.get(peerId) > this.#steady()
  }

  /** Whether the operator named the peer, or an address at which it was reached. */
  isNamed(peerId: string): boolean {
    return this.#fixed.of(peerId).some(({ source }) => source === 'connect')
  }

  /** A peer is still there. */
  seen(peerId: string): void {
    if (this.#known.get(peerId) !== undefined) this.#known.update(peerId, { lastSuccess: this.#now() })
  }

  /** Does not dial a peer id or an address, nor take it when somebody names it, for some milliseconds. */
  avoid(key: string, milliseconds: number): void {
    this.#avoided.set(key, this.#steady() + milliseconds, peerLimits.avoided)
  }

  /** Dials a peer id or an address again. */
  welcome(key: string): void {
    this.#avoided.delete(key)
  }

  /** Whether a peer id or an address is avoided now. */
  isAvoided(key: string): boolean {
    return this.#avoided.get(key) > this.#steady()
  }

  /**
   * The clock of the machine was set, or it slept: whoever was refused, or refused us, because of the clock before may be dialled at once.
   * This node itself is not.
   */
  reconsider(): void {
    this.#avoided.forgetFinite()
    this.#nextAttempts.forgetFinite()
    this.#tell()
  }

  /** Peers that have failed for so long that they are to be forgotten. */
  givenUp(): string[] {
    const rows = [...this.#known.list()].filter((row) => row.bannedUntil === undefined)
    return rows.filter((row) => isGivenUp(row, this.#now())).map(({ peerId }) => peerId)
  }

  /** Forgets a peer, and does not take it back for a while when somebody names it. */
  forget(peerId: string): void {
    this.#known.remove(peerId)
    this.#nextAttempts.delete(peerId)
    this.avoid(peerId, peerTimes.avoidance)
  }

  /** Says which peers are to be dialled first after a restart. */
  setAnchors(peerIds: readonly string[]): void {
    for (const { peerId, anchor = false } of [...this.#known.list()]) {
      if (anchor !== peerIds.includes(peerId)) {
        this.#known.update(peerId, { anchor: anchor ? undefined : true })
      }
    }
  }

  /** Whoever names many peers pushes out those that he named first. */
  #boundTeller(teller: string, peerId: string): void {
    const isUnreached = (id: string): boolean => {
      const row = this.#known.get(id)
      return row !== undefined && row.lastSuccess === undefined && row.bannedUntil === undefined
    }
    for (const id of this.#tellers.add(teller, peerId, isUnreached)) {
      this.#known.remove(id)
      this.#nextAttempts.delete(id)
    }
  }

  #lastAt(address: string): string | undefined {
    return [...this.#known.list()].find(({ addresses }) => addresses.includes(address))?.peerId
  }

  #fromFixed({ address, source, peerId, failures }: FixedAddress): Candidate {
    const row = peerId === undefined ? undefined : this.#known.get(peerId)
    return {
      key: address,
      ...(peerId === undefined ? {} : { peerId }),
      addresses: [address],
      networks: publicNetworks([address]),
      source,
      fixed: true,
      anchor: row?.anchor ?? false,
      score: row === undefined ? 0 : this.#scoreOf(row),
      failures,
      nextAttempt: this.#nextAttempts.get(address),
      ...(row?.lastSuccess === undefined ? {} : { lastSuccess: row.lastSuccess }),
    }
  }

  #fromKnown(row: KnownPeer): Candidate {
    const { peerId, addresses, source, failures, anchor = false, lastSuccess } = row
    return {
      key: peerId,
      peerId,
      // Of the thousands that are looked at, a few are dialled.
      get addresses() {
        return addresses.map((address) => withPeerId(address, peerId).toString())
      },
      networks: this.#known.networksOf(peerId),
      source,
      fixed: false,
      anchor,
      score: this.#scoreOf(row),
      failures,
      nextAttempt: this.#nextAttempts.get(peerId),
      ...(lastSuccess === undefined ? {} : { lastSuccess }),
    }
  }

  /** In whole points: what is nearly forgiven does not decide whom to dial. */
  #scoreOf(row: KnownPeer): number {
    return Math.round(savedScore(row, this.#now())) + 0
  }

  #isBanned(peerId: string | undefined): boolean {
    return peerId !== undefined && (this.#known.get(peerId)?.bannedUntil ?? 0) > this.#now()
  }

  /** Never brings an attempt forward. */
  #postpone(key: string, milliseconds: number): void {
    const moment = Math.max(this.#nextAttempts.get(key), this.#steady() + milliseconds)
    this.#nextAttempts.set(key, moment, peerLimits.knownPeers + this.#fixed.size)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** How a peer that is ready became known: that it came by itself is forgotten once it was reached, and not before. */
function sourceAfter(now: PeerSource, row: KnownPeer | undefined): PeerSource {
  if (row === undefined || row.source === 'inbound') return now
  return now === 'inbound' && !wasReached(row) ? now : row.source
}

/** Addresses without peer id, each once, those that are too long or too many left out. */
function boundAddresses(addresses: readonly string[]): string[] {
  const short = addresses.filter((address) => address.length <= peerLimits.addressLength)
  return [...new Set(short)].slice(0, peerLimits.addressesPerPeer)
}
