/**
 * When a peer is told of transactions: at times of an exponential distribution, so that the order in which peers hear of a
 * transaction does not show where it comes from.
 *
 * All inbound peers hear at the same moments: whoever opens many connections learns no more than from one. The means are
 * those of Bitcoin Core, but no more than a small part of the time between blocks, which is as short as a second on networks
 * of this kind. Pure: clock and chance are handed in.
 *
 * Source: docs/protocol/peers.md#trickle; Bitcoin Core, `INBOUND_INVENTORY_BROADCAST_INTERVAL`, `NextInvToInbounds`
 */
import type { ConsensusParams } from '@chain/core/consensus'
import type { Direction } from '../peers/peer.ts'
import { drawExponential, type Random } from '../random.ts'
import { relayLimits } from './relay-limits.ts'

/** Mean milliseconds until peers are told of a transaction. */
export interface TrickleMeans {
  readonly inbound: number
  readonly outbound: number
}

/** Parts of the time between two blocks that the means are at most. */
const INBOUND_PART = 1 / 12
const OUTBOUND_PART = 1 / 30

/** Where blocks are made at will, time between them says nothing, and tests should not wait. */
const UNTIMED: TrickleMeans = { inbound: 100, outbound: 40 }

/** The means for a network. */
export function trickleMeans({
  spacing,
  difficulty,
}: Pick<ConsensusParams, 'spacing' | 'difficulty'>): TrickleMeans {
  if (difficulty.algorithm === 'none') return UNTIMED
  const milliseconds = spacing * 1_000
  return {
    inbound: Math.min(relayLimits.inboundTrickle, milliseconds * INBOUND_PART),
    outbound: Math.min(relayLimits.outboundTrickle, milliseconds * OUTBOUND_PART),
  }
}

/** The moments at which peers are told of transactions. */
export class Trickle {
  readonly #means: TrickleMeans
  readonly #random: Random
  /** When inbound peers are told next. */
  #inbound = Number.NEGATIVE_INFINITY

  constructor(means: TrickleMeans, random: Random) {
    this.#means = means
    this.#random = random
  }

  /** Milliseconds until a peer is told next. */
  delay(direction: Direction, now: number): number {
    if (direction === 'outbound') return drawExponential(this.#means.outbound, this.#random)
    if (this.#inbound <= now) this.#inbound = now + drawExponential(this.#means.inbound, this.#random)
    return this.#inbound - now
  }
}
