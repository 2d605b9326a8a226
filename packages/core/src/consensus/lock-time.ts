/**
 * Locks that keep a transaction out of blocks until a height or time: absolute (lock time, with the median time of
 * BIP113) and relative to the coins it spends (BIP68).
 *
 * Source: Bitcoin Core, `IsFinalTx`, `SequenceLocks`; docs/protocol/consensus.md#lock-time
 */
import type { Transaction } from '../primitives/index.ts'
import type { Height, UnixTime } from '../units/index.ts'
import type { HeaderNode } from './header-node.ts'
import { medianTimePast } from './median-time.ts'
import { LOCK_TIME_THRESHOLD } from './params.ts'

/** A sequence that switches the lock time off. */
export const SEQUENCE_FINAL = 0xffffffff

const SEQUENCE_DISABLED = 1 << 31
const SEQUENCE_IN_TIME = 1 << 22
const SEQUENCE_MASK = 0xffff
/** Relative times count in units of 512 seconds. */
const SEQUENCE_TIME_SHIFT = 9

/**
 * Whether a transaction may stand in a block, by its lock time.
 *
 * @param height - of the block
 * @param time - median time past of the block's parent
 */
export function isFinal(transaction: Transaction, height: Height, time: UnixTime): boolean {
  const { lockTime } = transaction
  if (lockTime === 0 || lockTime < (lockTime < LOCK_TIME_THRESHOLD ? height : time)) return true
  return transaction.inputs.every(({ sequence }) => sequence === SEQUENCE_FINAL)
}

/**
 * Whether the relative locks of a transaction allow it in the block after `parent`.
 *
 * @param coinHeights - heights of the coins it spends, in the order of its inputs
 */
export function areSequencesFinal(
  transaction: Transaction,
  coinHeights: readonly Height[],
  parent: HeaderNode,
): boolean {
  if (transaction.version >>> 0 < 2) return true
  return transaction.inputs.every(({ sequence }, index) => {
    if ((sequence & SEQUENCE_DISABLED) !== 0) return true
    const coinHeight = coinHeights[index] as Height
    const distance = sequence & SEQUENCE_MASK
    if ((sequence & SEQUENCE_IN_TIME) === 0) return coinHeight + distance <= parent.height + 1
    const coinTime = medianTimePast(parent.ancestor(Math.min(Math.max(coinHeight - 1, 0), parent.height)))
    return coinTime + distance * 2 ** SEQUENCE_TIME_SHIFT <= medianTimePast(parent)
  })
}
