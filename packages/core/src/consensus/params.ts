/**
 * Numbers of the protocol that are the same on every network, and the shape of those that a chain spec chooses.
 *
 * Source: Bitcoin Core, `consensus/consensus.h`; docs/protocol/consensus.md
 */
import type { Block } from '../primitives/index.ts'
import type { Amount, CompactTarget } from '../units/index.ts'

/** Most weight of a block. Source: BIP141. */
export const MAX_BLOCK_WEIGHT = 4_000_000

/** Weight of one byte outside witnesses. Source: BIP141. */
export const WITNESS_SCALE = 4

/** Most bytes of a block or transaction without witnesses. */
export const MAX_BASE_LENGTH: number = MAX_BLOCK_WEIGHT / WITNESS_SCALE

/** Most cost of signature operations in a block. Source: BIP141. */
export const MAX_SIGOPS_COST = 80_000

/** How far a header's time may be ahead of the clock, in seconds. */
export const MAX_FUTURE_SECONDS = 7_200

/** How many headers the median time is taken of. Source: BIP113. */
export const MEDIAN_TIME_SPAN = 11

/** Lock times below are heights, from here on times. */
export const LOCK_TIME_THRESHOLD = 500_000_000

/** How the target of the next block follows from the chain. */
export type DifficultyRule =
  /** aserti3-2d, every block: doubles or halves for each `halfLife` seconds off schedule. */
  | { readonly algorithm: 'asert'; readonly halfLife: number }
  /** Bitcoin's rule: every 2016 blocks by the time they took, by at most a factor of four. */
  | { readonly algorithm: 'retarget-2016' }
  /** The target never changes. */
  | { readonly algorithm: 'none' }

/** What decides which blocks are valid on a network. */
export interface ConsensusParams {
  /** The first block, which every node knows. */
  readonly genesis: Block
  /** Seconds between blocks that the difficulty aims at. */
  readonly spacing: number
  readonly difficulty: DifficultyRule
  /** The easiest target. */
  readonly powLimit: CompactTarget
  /** What a miner creates with each of the first blocks, in base units. */
  readonly subsidy: Amount
  /** Blocks after which the subsidy halves. */
  readonly halvingInterval: number
  /** Depth at which a coinbase output can be spent. */
  readonly coinbaseMaturity: number
  /** Whether each coinbase commits to the filter header of the parent block. */
  readonly filterCommitment: boolean
}
