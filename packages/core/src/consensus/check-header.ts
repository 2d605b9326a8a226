/**
 * The rules of a header, given the headers before it.
 *
 * Source: Bitcoin Core, `ContextualCheckBlockHeader`; docs/protocol/consensus.md#header-version and following
 */
import { type BlockHash, type BlockHeader, formatHash } from '../primitives/index.ts'
import type { UnixTime } from '../units/index.ts'
import { nextTarget } from './difficulty.ts'
import type { HeaderNode } from './header-node.ts'
import { medianTimePast } from './median-time.ts'
import { type ConsensusParams, MAX_FUTURE_SECONDS } from './params.ts'
import { isWorkSufficient } from './pow.ts'
import { RuleError } from './rules.ts'

/** Oldest header version: below, one of BIP34, BIP66 and BIP65 would not be announced. */
const MIN_VERSION = 4

/**
 * Checks a header that builds on `parent`.
 *
 * @param hash - of the header
 * @param now - the clock, in Unix seconds
 * @throws {RuleError} `header-*`
 */
export function checkHeader(
  params: ConsensusParams,
  header: BlockHeader,
  hash: BlockHash,
  parent: HeaderNode,
  now: UnixTime,
): void {
  const { bits, time, version } = header
  const expected = nextTarget(params, parent)
  if (bits !== expected) throw new RuleError('header-target-wrong', { bits, expected })
  if (!isWorkSufficient(hash, bits, params.powLimit)) {
    throw new RuleError('header-work-insufficient', { hash: formatHash(hash), bits })
  }
  const median = medianTimePast(parent)
  if (time <= median) throw new RuleError('header-time-too-old', { time, median })
  if (version < MIN_VERSION) throw new RuleError('header-version-obsolete', { version })
  const limit = now + MAX_FUTURE_SECONDS
  if (time > limit) throw new RuleError('header-time-too-new', { time, limit })
}
