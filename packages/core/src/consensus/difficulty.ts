/**
 * The target that the next block must state, by the network's difficulty rule.
 *
 * Source: docs/protocol/consensus.md#difficulty
 */
import { invariant } from '../errors/index.ts'
import { type CompactTarget, compactFromTarget, targetFromCompact } from '../units/index.ts'
import { asertTarget } from './asert.ts'
import type { HeaderNode } from './header-node.ts'
import type { ConsensusParams } from './params.ts'

/** The compact target of the block after `parent`. */
export function nextTarget(params: ConsensusParams, parent: HeaderNode): CompactTarget {
  const { difficulty } = params
  if (difficulty.algorithm === 'asert') return nextAsertTarget(params, difficulty.halfLife, parent)
  if (difficulty.algorithm === 'retarget-2016') return nextRetarget(params, parent)
  return parent.header.bits
}

/**
 * The schedule is anchored at block 1, which is due whenever it is found: a network may start long after its genesis
 * block was made. Block 1 itself has the genesis block's target.
 */
function nextAsertTarget(params: ConsensusParams, halfLife: number, parent: HeaderNode): CompactTarget {
  const { spacing, powLimit, genesis } = params
  if (parent.height === 0) return genesis.header.bits
  const { header } = parent.ancestor(1)
  const anchor = { height: 1, parentTime: header.time - spacing, bits: header.bits }
  return asertTarget({ spacing, halfLife, powLimit }, anchor, parent.height, parent.header.time)
}

const RETARGET_INTERVAL = 2016

/** Every 2016 blocks: the last target times the time taken over the time intended. Source: Bitcoin Core, `pow.cpp`. */
function nextRetarget(params: ConsensusParams, parent: HeaderNode): CompactTarget {
  if ((parent.height + 1) % RETARGET_INTERVAL !== 0) return parent.header.bits
  const intended = RETARGET_INTERVAL * params.spacing
  const taken = parent.header.time - parent.ancestor(parent.height + 1 - RETARGET_INTERVAL).header.time
  const bounded = Math.min(Math.max(taken, Math.floor(intended / 4)), intended * 4)
  const last = targetFromCompact(parent.header.bits)
  const limit = targetFromCompact(params.powLimit)
  invariant(last !== undefined && limit !== undefined, 'Accepted headers and the limit have valid targets.')
  const target = (last * BigInt(bounded)) / BigInt(intended)
  return target > limit ? params.powLimit : compactFromTarget(target === 0n ? 1n : target)
}
