/**
 * A connection on its way to become a peer, and what those who bring it there work with.
 *
 * Not for what is done with it (`acquaintances.ts`).
 */
import type { ChainError } from '@chain/core/errors'
import type { Goodbye, Status } from '@chain/wire'
import type { Connection, Libp2p } from '@libp2p/interface'
import type { LogPort } from '../ports.ts'
import type { ConnectedPeer, Direction, PeerEvent } from './peer.ts'
import type { PeerCapacity } from './peer-limits.ts'
import type { SmallTalk } from './small-talk.ts'
import type { StatusVerdict } from './status-check.ts'

/** What acquaintances work with. */
export interface AcquaintanceModules {
  readonly host: Libp2p
  /** This node's status of the moment. */
  readonly ownStatus: () => Status
  /** Holds back those who tell their status all the time. */
  readonly talk: SmallTalk
  /** The time now, in Unix milliseconds. */
  readonly now: () => number
  readonly log: LogPort
}

/** Who is told what. */
export interface AcquaintanceHooks {
  readonly onEvent: (event: PeerEvent) => void
  /** A status exchange failed. */
  readonly onFault: (peerId: string, error: ChainError) => void
  /** A peer is of no use to this node, as the clause says. */
  readonly onRefused: (peerId: string, verdict: Exclude<StatusVerdict, 'relevant'>, why: string) => void
  /** A peer is about to close its connection, and says why. */
  readonly onGoodbye: (peerId: string, goodbye: Goodbye) => void
  /** The clock of a peer that this node chose is so many seconds ahead. */
  readonly onClock: (peerId: string, seconds: number) => void
  /** Whether the operator named the peer. */
  readonly isNamed: (peerId: string) => boolean
  /** Whether the peer is not to be dialled yet. */
  readonly isResting: (peerId: string) => boolean
  readonly readScore: (peerId: string) => number
}

/** How acquaintances are to be made. */
export interface AcquaintanceOptions {
  /** Id of the chain spec, 8 hex digits. */
  readonly specId: string
  readonly capacity: PeerCapacity
}

/** A connection that is, or is about to become, a peer. */
export interface Acquaintance {
  readonly id: string
  readonly connection: Connection
  readonly direction: Direction
  readonly exchange: AbortController
  peer?: ConnectedPeer
  /** What it said when it was about to leave. */
  farewell?: string
}
