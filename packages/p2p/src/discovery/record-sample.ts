/**
 * Which peers a node tells of: a sample of those that it talked to itself, drawn for each kind of asker and kept for a
 * while, so that nobody learns the whole table by asking again and again, or under many names.
 *
 * Source: docs/protocol/peers.md#peer-exchange; Bitcoin Core, the cache of answers to `getaddr`
 */
import { fieldLimits } from '@chain/wire'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type AddressScope, isUsableFrom } from '../peers/address-scope.ts'
import type { Candidates } from '../peers/candidates.ts'
import { disconnectScore } from '../peers/score.ts'
import { discoveryLimits } from './discovery-limits.ts'
import { readKeptRecord } from './signed-peer-record.ts'

/** A record that may be told. */
export interface KeptRecord {
  readonly peerId: string
  /** The signed envelope. */
  readonly envelope: Uint8Array
}

/** What samples are drawn from. */
export interface RecordSampleModules {
  readonly host: Libp2p
  readonly candidates: Candidates
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
  /** Milliseconds since some moment, never going back. */
  readonly steady: () => number
  /** A number from 0 to 1. */
  readonly random: () => number
}

interface Drawn {
  readonly peerIds: Promise<readonly string[]>
  readonly until: number
}

/** Samples by the scope of who asks. Bound: one of `fieldLimits.peerRecords` peer ids for each scope. */
export class RecordSample {
  readonly #modules: RecordSampleModules
  readonly #drawn = new Map<AddressScope, Drawn>()

  constructor(modules: RecordSampleModules) {
    this.#modules = modules
  }

  /**
   * Records of the sample for those who are at an address of this scope; a small table is told as it is now. Peers stay the same for a
   * while, their records do not: one that has moved is found at once.
   */
  async records(scope: AddressScope): Promise<readonly KeptRecord[]> {
    const records = (await this.#sample(scope)).map((peerId) => this.#record(peerId, scope))
    return (await Promise.all(records)).filter((record) => record !== undefined)
  }

  #sample(scope: AddressScope): Promise<readonly string[]> {
    const { steady } = this.#modules
    const drawn = this.#drawn.get(scope)
    if (drawn !== undefined && drawn.until > steady()) return drawn.peerIds
    const fresh = this.#freshPeers()
    const peerIds = this.#draw(fresh, scope)
    const isSmall = fresh.length <= discoveryLimits.leastTold
    this.#drawn.set(scope, { peerIds, until: isSmall ? 0 : steady() + discoveryLimits.answerAge })
    return peerIds
  }

  /** Ids of peers that this node talked to lately, in random order. */
  #freshPeers(): string[] {
    const { candidates, now, random } = this.#modules
    const since = now() - discoveryLimits.freshness
    const fresh = candidates
      .list()
      .filter(({ lastSuccess = 0, score }) => lastSuccess > since && score > disconnectScore)
      .flatMap(({ peerId }) => peerId ?? [])
    const order = new Map(fresh.map((peerId) => [peerId, random()]))
    return fresh.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
  }

  async #draw(fresh: readonly string[], scope: AddressScope): Promise<readonly string[]> {
    const { leastTold, toldShare } = discoveryLimits
    const share = Math.max(leastTold, Math.ceil(fresh.length / toldShare))
    const count = Math.min(fieldLimits.peerRecords, share)
    const drawn: string[] = []
    for (const peerId of fresh) {
      if (drawn.length === count) break
      if ((await this.#record(peerId, scope)) !== undefined) drawn.push(peerId)
    }
    return drawn
  }

  /** The newest record of a peer, when those at an address of this scope may be told of it. */
  async #record(peerId: string, scope: AddressScope): Promise<KeptRecord | undefined> {
    const { peerStore } = this.#modules.host
    const id = peerIdFromString(peerId)
    if (!(await peerStore.has(id))) return undefined
    const { peerRecordEnvelope: envelope } = await peerStore.get(id)
    return envelope !== undefined && isTold(envelope, scope) ? { peerId, envelope } : undefined
  }
}

/** A record cannot be cut, since it is signed as a whole: it is told when the asker can use one of its addresses. */
function isTold(envelope: Uint8Array, scope: AddressScope): boolean {
  if (envelope.length > fieldLimits.peerRecordBytes) return false
  return readKeptRecord(envelope)?.multiaddrs.some((address) => isUsableFrom(address, scope)) === true
}
