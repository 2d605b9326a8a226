/** Proof of work. Source: Bitcoin Core, `CheckProofOfWork`; docs/protocol/consensus.md#proof-of-work */
import { bigintFromBytes, reverseBytes } from '../bytes/index.ts'
import type { BlockHash } from '../primitives/index.ts'
import { type CompactTarget, type Target, targetFromCompact } from '../units/index.ts'

/** A block hash as the number that is compared with the target: its 32 bytes read as little-endian. */
export function numberFromHash(hash: BlockHash): bigint {
  return bigintFromBytes(reverseBytes(hash))
}

/** Whether a hash meets a target. */
export function meetsTarget(hash: BlockHash, target: Target): boolean {
  return numberFromHash(hash) <= target
}

/** Whether `bits` is a target between 1 and the network's easiest, and `hash` meets it. */
export function isWorkSufficient(hash: BlockHash, bits: CompactTarget, powLimit: CompactTarget): boolean {
  const target = targetFromCompact(bits)
  const limit = targetFromCompact(powLimit)
  return target !== undefined && limit !== undefined && target <= limit && meetsTarget(hash, target)
}
