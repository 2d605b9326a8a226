/**
 * Block templates: a block that follows all rules but is still without its proof of work.
 *
 * Source: Bitcoin Core, `BlockAssembler`; docs/protocol/mining.md
 */
import type { Bytes } from '../bytes/index.ts'
import type { ConnectedParent } from '../chain/index.ts'
import {
  type ConsensusParams,
  computeSubsidy,
  MAX_BLOCK_WEIGHT,
  medianTimePast,
  nextTarget,
} from '../consensus/index.ts'
import { type MempoolEntry, selectEntries } from '../mempool/index.ts'
import { type Block, merkleRoot, txids } from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import { createCoinbase } from './coinbase.ts'

/** Weight kept for the header, the transaction count and the coinbase. */
const RESERVED_WEIGHT = 4_000

/** Version that new headers carry: BIP9's marker, no bit set. */
const HEADER_VERSION = 0x2000_0000

/** What a block template is made of. */
export interface TemplateOptions {
  readonly params: ConsensusParams
  /** The block to build on. */
  readonly parent: ConnectedParent
  /** What waits, parents before their children. */
  readonly entries: Iterable<MempoolEntry>
  /** Whom the coinbase pays. */
  readonly script: Bytes
  /** The time now, in Unix seconds. */
  readonly now: UnixTime
  /** 0 to 2^32 - 1; another one gives another block. */
  readonly extraNonce?: number
  /** Most weight of the block, at most `MAX_BLOCK_WEIGHT`. */
  readonly maxWeight?: number
}

/** The block to search a nonce for: its nonce is 0. Its time is `now`, or the earliest allowed if that is later. */
export function createBlockTemplate(options: TemplateOptions): Block {
  const { params, parent, entries, script, now, extraNonce = 0, maxWeight = MAX_BLOCK_WEIGHT } = options
  const selected = selectEntries(entries, maxWeight - RESERVED_WEIGHT)
  const height = parent.height + 1
  const fees = selected.reduce((sum, { fee }) => sum + fee, 0n)
  const rest = selected.map(({ transaction }) => transaction)
  const filterHeader = params.filterCommitment ? parent.filterHeader : undefined
  const value = computeSubsidy(params, height) + fees
  const coinbase = createCoinbase({ height, value, script, extraNonce, filterHeader, transactions: rest })
  const transactions = [coinbase, ...rest]
  const header = {
    version: HEADER_VERSION,
    parent: parent.hash,
    merkleRoot: merkleRoot(txids(transactions)),
    time: Math.max(now, medianTimePast(parent) + 1),
    bits: nextTarget(params, parent),
    nonce: 0,
  }
  return { header, transactions }
}
