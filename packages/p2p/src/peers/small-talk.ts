/**
 * How fast a peer may tell and ask what has nothing to do with the chain: status, peers, goodbyes. What is beyond waits
 * unread.
 *
 * Source: docs/protocol/peers.md#pace
 */
import type { PeerId } from '@libp2p/interface'
import { Allowances } from '../allowances.ts'
import type { ServeOptions } from '../streams/exchange.ts'
import { peerLimits } from './peer-limits.ts'

/** The pace of all peers; one for a node. */
export class SmallTalk {
  readonly #allowances = new Allowances({
    burst: peerLimits.talkBurst,
    perSecond: peerLimits.talkPerMinute / 60,
  })

  /** Resolves when a peer may make its next request. */
  readonly pace: NonNullable<ServeOptions['pace']> = async (peer: PeerId) => {
    const milliseconds = this.#allowances.take(peer.toString(), 1, performance.now())
    if (milliseconds > 0) await new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
  }
}
