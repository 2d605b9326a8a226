/**
 * How sync, relay and answers report a peer's fault or merit. What it costs or is worth is for the peer set to say.
 */
import type { Merit } from './peer.ts'
import type { PenaltyReason } from './score.ts'

/** When a peer with too low a score is parted from: `soon` leaves it time to read an answer. */
export type PartingManner = 'at-once' | 'soon'

/** Takes points from a peer; `detail` is a sentence for people. It is parted from at once unless `manner` says otherwise. */
export type Penalise = (peer: string, reason: PenaltyReason, detail: string, manner?: PartingManner) => void

/** Says that a peer was the first to bring something. */
export type Credit = (peer: string, merit: Merit) => void
