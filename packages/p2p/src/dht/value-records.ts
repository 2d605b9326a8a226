/**
 * The values that this node keeps for the network: which may come in, and which must go for them.
 *
 * A value that is older than the one that is kept is refused. Not for whether a value is sound (`signed-record.ts`): the
 * hash table's library asks that before.
 *
 * Source: docs/protocol/peers.md#values
 */
import { PeerError } from '../errors.ts'
import { dhtLimits } from './dht-limits.ts'
import { FairShare } from './fair-share.ts'
import { compareRecords, type SignedRecord } from './signed-record.ts'

/** A value as it is kept. */
export interface StoredValue {
  /** Where it stands in the datastore. */
  readonly id: string
  /** Peer id of whoever signed it. */
  readonly publisher: string
  readonly record: SignedRecord
}

/** What is known of the values in the datastore. Bound: `dhtLimits.values` of about a kilobyte, and this node's own. */
export class ValueRecords {
  readonly #self: string
  readonly #records = new Map<string, SignedRecord>()
  readonly #publishers = new FairShare({ total: dhtLimits.values, perOwner: dhtLimits.valuesPerPublisher })
  readonly #senders = new FairShare({ total: dhtLimits.values, perOwner: dhtLimits.valuesPerSender })
  /** Those of this node, for which nobody else's make room. */
  readonly #own = new FairShare({
    total: dhtLimits.valuesPerPublisher,
    perOwner: dhtLimits.valuesPerPublisher,
  })

  /** @param self - this node's peer id */
  constructor(self: string) {
    this.#self = self
  }

  /**
   * Takes a value in and returns the ids of those that must go for it.
   *
   * A value that is kept already stays among those of whoever brought it first: otherwise a stranger could bring the values of
   * others again, and then push them out with its own.
   *
   * @param sender - who brought it
   * @throws {PeerError} `record-outdated` when a newer one is kept
   */
  add({ id, publisher, record }: StoredValue, sender: string): readonly string[] {
    const kept = this.#records.get(id)
    const order = kept === undefined ? 1 : compareRecords(record, kept)
    if (kept !== undefined && order < 0) {
      throw new PeerError(
        'record-outdated',
        `A value with the number ${record.sequence} is refused: one with the number ${kept.sequence} is kept.`,
      )
    }
    this.#records.set(id, record)
    if (order === 0) {
      for (const share of this.#shares) share.renew(id)
      return []
    }
    const displaced: string[] = []
    const owners: readonly (readonly [FairShare, string])[] =
      publisher === this.#self
        ? [[this.#own, publisher]]
        : [
            [this.#publishers, publisher],
            [this.#senders, sender],
          ]
    for (const [share, owner] of owners) {
      const loser = share.add(id, owner)
      if (loser === undefined) continue
      displaced.push(loser)
      this.delete(loser)
    }
    return displaced
  }

  /** Takes a value out; nothing happens when it is not there. */
  delete(id: string): void {
    this.#records.delete(id)
    for (const share of this.#shares) share.delete(id)
  }

  /** Whether a value that is kept has come to its end. @param now - Unix milliseconds */
  isExpired(id: string, now: number): boolean {
    const record = this.#records.get(id)
    return record !== undefined && record.expires * 1_000 <= now
  }

  /** The ids of all values that {@link isForgettable}. */
  forgettable(now: number): string[] {
    return Array.from(this.#records).flatMap(([id, record]) => (isForgettable(record, now) ? id : []))
  }

  get #shares(): readonly FairShare[] {
    return [this.#publishers, this.#senders, this.#own]
  }
}

/**
 * Whether a value may be forgotten. Its number is needed for as long after its end as an older value may live, so that no such
 * value takes its place.
 *
 * @param now - Unix milliseconds
 */
export function isForgettable({ expires }: SignedRecord, now: number): boolean {
  return expires * 1_000 + dhtLimits.valueLifetime <= now
}
