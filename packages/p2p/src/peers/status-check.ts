/**
 * Whether a peer that told its status is worth having. Pure.
 *
 * Source: docs/protocol/peers.md#status
 */
import { equalBytes } from '@chain/core/bytes'
import type { Status } from '@chain/wire'

/**
 * - `relevant`: keep it.
 * - `self`: it is this node.
 * - `other-network`: its chain begins with another block.
 * - `clock-skew`: its clock and ours differ so much that one of us would refuse the other's blocks.
 */
export type StatusVerdict = 'relevant' | 'self' | 'other-network' | 'clock-skew'

/** Seconds by which a peer's clock may differ from ours; blocks may be two hours ahead. */
export const maxClockSkew = 4_200

/** Judges a peer's status by ours, which was made at the same moment. */
export function judgeStatus(ours: Status, theirs: Status): StatusVerdict {
  if (equalBytes(ours.nonce, theirs.nonce)) return 'self'
  if (!equalBytes(ours.genesis, theirs.genesis)) return 'other-network'
  if (Math.abs(ours.time - theirs.time) > maxClockSkew) return 'clock-skew'
  return 'relevant'
}
