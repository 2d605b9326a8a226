/**
 * The provider records that this node keeps: which may come in, and which must go for them.
 *
 * The rendezvous keys of the network have room of their own, which no other key takes. What else is provided cannot be told
 * from noise, since a key is a hash: it is bounded in all, by sender and by key. This node's own records are never refused.
 *
 * Source: docs/protocol/peers.md#providers, docs/decisions/0020-hash-table.md
 */
import { PeerError } from '../errors.ts'
import { dhtLimits } from './dht-limits.ts'
import { FairShare } from './fair-share.ts'

/** A provider record. */
export interface ProviderRecord {
  /** Multihash of the key in base32. */
  readonly key: string
  /** Peer id of the provider. */
  readonly peer: string
}

/** The provider records in the datastore. Bounds: see `dhtLimits`. */
export class ProviderRecords {
  readonly #self: string
  /** By key; those of rendezvous keys are always there. */
  readonly #keys = new Map<string, FairShare>()
  readonly #rendezvous: ReadonlySet<string>
  /** All under other keys. */
  readonly #others = new FairShare({ total: dhtLimits.providers, perOwner: dhtLimits.providersPerSender })
  /** Keys that this node provides. Bound: its operator's. */
  readonly #own = new Set<string>()

  /** @param rendezvous - base32 multihashes @param self - this node's peer id */
  constructor(rendezvous: readonly string[], self: string) {
    this.#rendezvous = new Set(rendezvous)
    this.#self = self
  }

  /**
   * Takes a record in, or renews it, and returns those that must go for it.
   *
   * @throws {PeerError} `record-refused` when the key is longer than any hash
   */
  add({ key, peer }: ProviderRecord, sender: string): readonly ProviderRecord[] {
    if (peer === this.#self) {
      this.#own.add(key)
      return []
    }
    if (key.length > dhtLimits.providerKeyLength) {
      throw new PeerError('record-refused', `A key of ${key.length} characters is no hash, and is not kept.`)
    }
    const displaced: ProviderRecord[] = []
    const loser = this.#share(key).add(peer, sender)
    if (loser !== undefined) displaced.push({ key, peer: loser })
    if (!this.#rendezvous.has(key)) {
      const other = this.#others.add(`${key}/${peer}`, sender)
      const [otherKey = '', otherPeer = ''] = other?.split('/') ?? []
      if (other !== undefined) displaced.push({ key: otherKey, peer: otherPeer })
    }
    for (const record of displaced) this.delete(record)
    return displaced
  }

  /** Takes a record out; nothing happens when it is not there. */
  delete({ key, peer }: ProviderRecord): void {
    if (peer === this.#self) this.#own.delete(key)
    const share = this.#keys.get(key)
    share?.delete(peer)
    if (share?.size === 0) this.#keys.delete(key)
    this.#others.delete(`${key}/${peer}`)
  }

  /** Peer ids of the providers of a key in a random order, which favours no sender for how many it brought; this node's first. */
  draw(key: string, random: () => number): string[] {
    const others = this.#keys.get(key)?.draw(random) ?? []
    return this.#own.has(key) ? [this.#self, ...others] : others
  }

  #share(key: string): FairShare {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const share = new FairShare(
      this.#rendezvous.has(key)
        ? { total: dhtLimits.meetingPeers, perOwner: dhtLimits.meetingPeersPerNetwork }
        : { total: dhtLimits.providersPerKey, perOwner: dhtLimits.providersPerKeyAndNetwork },
    )
    this.#keys.set(key, share)
    return share
  }
}
