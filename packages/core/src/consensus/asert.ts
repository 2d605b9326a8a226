/**
 * ASERT: the target follows an exponential curve of how far the chain is ahead of or behind its schedule, counted from
 * an anchor block.
 *
 * Source: "aserti3-2d" (Bitcoin Cash upgrade 2020-11-15, specification by Lundeberg, Toomim and others);
 * docs/protocol/consensus.md#asert
 */
import { invariant } from '../errors/index.ts'
import { type CompactTarget, compactFromTarget, targetFromCompact } from '../units/index.ts'

/** The block that the schedule is counted from. */
export interface AsertAnchor {
  readonly height: number
  /** Time of the anchor's parent: the anchor itself was due one spacing later. */
  readonly parentTime: number
  readonly bits: CompactTarget
}

/** The network's choices. */
export interface AsertParams {
  /** Seconds between blocks. */
  readonly spacing: number
  /** Seconds off schedule that double or halve the target. */
  readonly halfLife: number
  /** The easiest target. */
  readonly powLimit: CompactTarget
}

/** Fractional bits of the exponent. */
const RADIX = 65_536n

/**
 * The compact target of the block after `(height, time)`.
 *
 * @param height - of the block before the one whose target is asked for, at least the anchor's
 * @param time - of the same block
 */
export function asertTarget(
  params: AsertParams,
  anchor: AsertAnchor,
  height: number,
  time: number,
): CompactTarget {
  const anchorTarget = targetFromCompact(anchor.bits)
  const limit = targetFromCompact(params.powLimit)
  invariant(anchorTarget !== undefined && limit !== undefined, 'The anchor and the limit are valid targets.')
  const elapsed = time - anchor.parentTime
  const scheduled = params.spacing * (height - anchor.height + 1)
  const exponent = (BigInt(elapsed - scheduled) * RADIX) / BigInt(params.halfLife)
  const shifts = exponent >> 16n
  const fraction = exponent - (shifts << 16n)
  const scaled = anchorTarget * approximatePower(fraction)
  const shift = shifts - 16n
  const target = shift < 0n ? scaled >> -shift : shift > 256n ? limit : scaled << shift
  if (target === 0n) return compactFromTarget(1n)
  return target > limit ? params.powLimit : compactFromTarget(target)
}

/** `2^16 * 2^(fraction / 2^16)`, by the cubic that the specification fixes; exact to 0.013 %. */
function approximatePower(fraction: bigint): bigint {
  const cubic =
    195_766_423_245_049n * fraction + 971_821_376n * fraction ** 2n + 5_127n * fraction ** 3n + 2n ** 47n
  return 65_536n + (cubic >> 48n)
}
