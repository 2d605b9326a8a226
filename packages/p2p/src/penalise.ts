/**
 * How sync and relay report a peer's fault. What it costs is for the peer set to say.
 */
import type { PenaltyReason } from './peers/score.ts'

/** Takes points from a peer; `detail` is a sentence for people. */
export type Penalise = (peer: string, reason: PenaltyReason, detail: string) => void
