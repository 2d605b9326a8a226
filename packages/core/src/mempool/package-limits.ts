/**
 * How many waiting transactions may depend on each other: what comes or goes costs work for each of them.
 *
 * Source: Bitcoin Core, `CTxMemPool::CheckPackageLimits`; docs/protocol/policy.md#families
 */
import { formatHash } from '../primitives/index.ts'
import { ancestors, descendants, type MempoolEntry } from './mempool-entry.ts'
import { PolicyError, type PolicyLimits } from './policy.ts'

/** A transaction that would join those that wait. */
export interface Newcomer {
  /** Virtual bytes. */
  readonly size: number
  readonly parents: ReadonlySet<MempoolEntry>
  /** Waiting transactions that would go when it comes, with all that depends on them. */
  readonly replaced: ReadonlySet<MempoolEntry>
}

/**
 * Checks the families that a newcomer would enlarge.
 *
 * @throws {PolicyError} `policy-too-many-ancestors`, `policy-ancestors-too-large`, `policy-too-many-descendants`,
 * `policy-descendants-too-large`
 */
export function checkPackageLimits(newcomer: Newcomer, limits: PolicyLimits): void {
  if (newcomer.parents.size === 0) return
  const above = checkAncestors(newcomer, limits)
  for (const ancestor of above) checkDescendants(ancestor, newcomer, limits)
}

function checkAncestors({ parents, size }: Newcomer, limits: PolicyLimits): ReadonlySet<MempoolEntry> {
  // Inputs bound the number of parents, but not that of their ancestors.
  if (parents.size >= limits.maxAncestors) throw tooManyAncestors(parents.size + 1, limits)
  const above = ancestors({ parents })
  const count = above.size + 1
  if (count > limits.maxAncestors) throw tooManyAncestors(count, limits)
  const total = sizeOf(above) + size
  const limit = limits.maxAncestorSize
  if (total > limit) throw new PolicyError('policy-ancestors-too-large', { size: total, limit })
  return above
}

function tooManyAncestors(count: number, { maxAncestors }: PolicyLimits): PolicyError {
  return new PolicyError('policy-too-many-ancestors', { count, limit: maxAncestors })
}

function checkDescendants(ancestor: MempoolEntry, { size, replaced }: Newcomer, limits: PolicyLimits): void {
  const below = [...descendants(ancestor)].filter((entry) => !replaced.has(entry))
  const count = below.length + 2
  const txid = formatHash(ancestor.txid)
  if (count > limits.maxDescendants)
    throw new PolicyError('policy-too-many-descendants', { txid, count, limit: limits.maxDescendants })
  const total = ancestor.size + sizeOf(below) + size
  const limit = limits.maxDescendantSize
  if (total > limit) throw new PolicyError('policy-descendants-too-large', { txid, size: total, limit })
}

function sizeOf(entries: Iterable<MempoolEntry>): number {
  let total = 0
  for (const { size } of entries) total += size
  return total
}
