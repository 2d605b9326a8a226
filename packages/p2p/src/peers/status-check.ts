/**
 * Whether a peer that told its status is worth having. Pure.
 *
 * Source: docs/protocol/peers.md#status
 */
import { equalBytes } from '@chain/core/bytes'
import { type Status, serviceFlags } from '@chain/wire'

/**
 * - `relevant`: keep it.
 * - `self`: it is this node.
 * - `other-network`: its chain begins with another block.
 * - `clock-skew`: its clock and ours differ so much that one of us would refuse the other's blocks.
 * - `absurd`: no chain is like that.
 * - `useless`: it serves no blocks, and this node has chosen it for them.
 */
export type StatusVerdict = 'relevant' | 'self' | 'other-network' | 'clock-skew' | 'absurd' | 'useless'

/** Why a peer is refused, as a clause behind its name; `ahead` is by how many seconds its clock is ahead of ours. */
export function describeRefusal(verdict: Exclude<StatusVerdict, 'relevant'>, ahead: number): string {
  switch (verdict) {
    case 'self':
      return 'is this node itself'
    case 'other-network':
      return 'is on another network'
    case 'clock-skew':
      return `has a clock ${Math.round(Math.abs(ahead) / 60)} minutes ${ahead > 0 ? 'ahead of' : 'behind'} that of this machine: one of the two is wrong`
    case 'absurd':
      return 'has told a status that describes no chain'
    default:
      return 'serves no blocks'
  }
}

/** Seconds by which a peer's clock may differ from ours; blocks may be two hours ahead. */
export const maxClockSkew = 4_200

/**
 * Judges a peer's status by ours, which was made at the same moment.
 *
 * @param needsBlocks - whether this node has chosen the peer, for the blocks that it serves
 */
export function judgeStatus(ours: Status, theirs: Status, needsBlocks = false): StatusVerdict {
  if (equalBytes(ours.nonce, theirs.nonce)) return 'self'
  if (!equalBytes(ours.genesis, theirs.genesis)) return 'other-network'
  if (isAbsurd(theirs)) return 'absurd'
  if (Math.abs(ours.time - theirs.time) > maxClockSkew) return 'clock-skew'
  if (needsBlocks && !servesBlocks(theirs)) return 'useless'
  return 'relevant'
}

/** Every block adds at least 1 to the work of its chain, and the chain of height 0 is the genesis block. */
function isAbsurd({ protocolVersion, genesis, tip, height, work }: Status): boolean {
  return protocolVersion === 0 || work <= BigInt(height) || (height === 0 && !equalBytes(tip, genesis))
}

/** A pruned peer still serves the blocks that are announced now. */
function servesBlocks({ services }: Status): boolean {
  return (services & (serviceFlags.fullBlocks | serviceFlags.pruned)) !== 0
}
