/**
 * The peers that this node knows, in memory and in the table that the application keeps: the one writer of that table.
 *
 * Not for whom to dial and when (`candidates.ts`), nor for what a ban means (`ban-list.ts`).
 *
 * Bound: `peerLimits.knownPeers` rows, and `peerLimits.knownPerNetwork` of each public network; the least useful one is
 * forgotten first.
 */
import type { KnownPeer, KnownPeersPort, LogPort } from '../ports.ts'
import { isAddress } from './addresses.ts'
import { firstDifference } from './first-difference.ts'
import { NetworkIndex } from './network-index.ts'
import { peerLimits } from './peer-limits.ts'

/** What may change of a row; a field that is `undefined` is removed. */
export type KnownPeerChange = {
  readonly [Field in keyof Omit<KnownPeer, 'peerId'>]?: KnownPeer[Field] | undefined
}

/** Whether a change goes to the table at once, or waits in memory until a later one does. */
export type Persistence = 'save' | 'remember'

/** Known peers in memory, written through to a {@link KnownPeersPort}. */
export class KnownPeers {
  readonly #port: KnownPeersPort
  readonly #now: () => number
  readonly #log: LogPort
  readonly #rows = new Map<string, KnownPeer>()
  readonly #networks = new NetworkIndex()
  readonly #dirty = new Set<string>()
  readonly #saved = new Set<string>()
  #writing: Promise<void> | undefined

  /** Reads the table; `now` gives Unix milliseconds. */
  constructor(port: KnownPeersPort, now: () => number, log: LogPort) {
    this.#port = port
    this.#now = now
    this.#log = log
    for (const row of port.list()) {
      // Another version may have known other kinds of addresses.
      const addresses = row.addresses.filter(isAddress)
      this.#rows.set(row.peerId, { ...row, addresses })
      this.#networks.set(row.peerId, addresses)
      this.#saved.add(row.peerId)
    }
    while (this.#rows.size > peerLimits.knownPeers) this.#forgetOne([...this.#rows.values()])
  }

  /** How many rows there are. */
  get size(): number {
    return this.#rows.size
  }

  /** All rows, in no order; do not change the map while iterating. */
  list(): Iterable<KnownPeer> {
    return this.#rows.values()
  }

  /** The row of a peer, or `undefined` when nothing is known of it. */
  get(peerId: string): KnownPeer | undefined {
    return this.#rows.get(peerId)
  }

  /** The public networks (16 bits of IPv4, 32 of IPv6) of a peer's addresses. */
  networksOf(peerId: string): readonly string[] {
    return this.#networks.networksOf(peerId)
  }

  /** Changes a row, or makes one. */
  update(peerId: string, change: KnownPeerChange, persistence: Persistence = 'save'): void {
    const row: KnownPeer = this.#rows.get(peerId) ?? {
      peerId,
      addresses: [],
      source: 'inbound',
      score: 0,
      firstSeen: this.#now(),
      failures: 0,
    }
    this.#rows.set(peerId, applyChange(row, change))
    if (change.addresses !== undefined) this.#networks.set(peerId, change.addresses)
    if (persistence === 'save') this.#write(peerId)
    this.#makeRoom(peerId)
  }

  /** Forgets a peer. */
  remove(peerId: string): void {
    this.#networks.delete(peerId)
    if (this.#rows.delete(peerId) && this.#saved.has(peerId)) this.#write(peerId)
  }

  /** Waits until the table holds everything that was to be saved. */
  async settled(): Promise<void> {
    await this.#writing
  }

  #write(peerId: string): void {
    this.#saved.add(peerId)
    this.#dirty.add(peerId)
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    while (this.#dirty.size > 0) {
      // Together, so that the disk is waited for once.
      const rows = [...this.#dirty]
      this.#dirty.clear()
      await Promise.all(rows.map((peerId) => this.#writeOne(peerId)))
    }
    this.#writing = undefined
  }

  async #writeOne(peerId: string): Promise<void> {
    const row = this.#rows.get(peerId)
    try {
      if (row !== undefined) return await this.#port.put(row)
      this.#saved.delete(peerId)
      await this.#port.remove(peerId)
    } catch (error) {
      this.#log.warn({ peerId, error }, 'A known peer could not be saved')
    }
  }

  /** Whoever came last stays. */
  #makeRoom(peerId: string): void {
    const isOther = (row: KnownPeer): boolean => row.peerId !== peerId
    for (const network of this.#networks.networksOf(peerId)) {
      const members = this.#networks.members(network)
      if (members.size <= peerLimits.knownPerNetwork) continue
      const rows = [...members].flatMap((id) => this.#rows.get(id) ?? [])
      this.#forgetOne(rows.filter((row) => isOther(row) && row.bannedUntil === undefined))
    }
    if (this.#rows.size > peerLimits.knownPeers) this.#forgetOne([...this.#rows.values()].filter(isOther))
  }

  #forgetOne([first, ...rest]: readonly KnownPeer[]): void {
    if (first === undefined) return
    this.remove(rest.reduce((a, b) => (compareUse(b, a) < 0 ? b : a), first).peerId)
  }
}

function applyChange(row: KnownPeer, change: KnownPeerChange): KnownPeer {
  const entries = Object.entries({ ...row, ...change }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as unknown as KnownPeer
}

/**
 * Whether this node has reached a peer itself. One that only came to it was a peer, but is not proven to be where it says: anybody
 * may come under ever new names.
 */
export function wasReached({ source, lastSuccess }: Pick<KnownPeer, 'source' | 'lastSuccess'>): boolean {
  return lastSuccess !== undefined && source !== 'inbound'
}

/**
 * Negative when `a` is to be forgotten before `b`: bans are kept longest, then peers that were reached, then those that came, the last
 * best.
 */
function compareUse(a: KnownPeer, b: KnownPeer): number {
  return firstDifference(
    (a.bannedUntil ?? 0) - (b.bannedUntil ?? 0),
    Number(wasReached(a)) - Number(wasReached(b)),
    (a.lastSuccess ?? 0) - (b.lastSuccess ?? 0),
    b.failures - a.failures,
    a.firstSeen - b.firstSeen,
  )
}

/** A table of known peers that lasts as long as the process: for light clients and tests. */
export class MemoryKnownPeers implements KnownPeersPort {
  readonly #rows = new Map<string, KnownPeer>()

  list(): KnownPeer[] {
    return [...this.#rows.values()]
  }

  get(peerId: string): KnownPeer | undefined {
    return this.#rows.get(peerId)
  }

  put(peer: KnownPeer): Promise<void> {
    this.#rows.set(peer.peerId, peer)
    return Promise.resolve()
  }

  remove(peerId: string): Promise<void> {
    this.#rows.delete(peerId)
    return Promise.resolve()
  }
}
