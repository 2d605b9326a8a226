/**
 * Replacing what waits: a transaction that spends a coin which a waiting one spends takes its place, with all that
 * depends on it, when it pays enough more. No signal is asked for: any waiting transaction may be replaced.
 *
 * Source: BIP125, rules 2 to 5; Bitcoin Core, `policy/rbf.cpp` and `doc/policy/mempool-replacements.md` (rule 6);
 * docs/protocol/policy.md#replacement
 */
import { formatHash, type Transaction } from '../primitives/index.ts'
import type { Amount } from '../units/index.ts'
import { computeFee, computeFeeRate } from './fee-rate.ts'
import { descendants, type MempoolEntry, modifiedFee } from './mempool-entry.ts'
import type { MempoolIndex } from './mempool-index.ts'
import { PolicyError, type PolicyLimits } from './policy.ts'

/** What takes the place of others. */
export interface Replacement {
  readonly transaction: Transaction
  /** What it counts as paying, in base units. */
  readonly modifiedFee: Amount
  /** Virtual bytes. */
  readonly size: number
  /** Waiting transactions whose outputs it spends. */
  readonly parents: ReadonlySet<MempoolEntry>
}

/**
 * The waiting transactions that would go if `replacement` came: those that spend the same coins, and all that depends on
 * them. Empty where there is no conflict.
 *
 * @throws {PolicyError} `policy-replacement-*`
 */
export function checkReplacement(
  index: MempoolIndex,
  replacement: Replacement,
  limits: PolicyLimits,
): ReadonlySet<MempoolEntry> {
  const conflicts = findConflicts(index, replacement.transaction)
  if (conflicts.size === 0) return conflicts
  const replaced = withDescendants(conflicts, limits.maxReplaced)
  checkSpendsNone(replacement, replaced)
  checkFeeRates(replacement, conflicts)
  checkNoNewParents(replacement, conflicts)
  checkFee(replacement, replaced, limits)
  return replaced
}

function findConflicts(index: MempoolIndex, { inputs }: Transaction): Set<MempoolEntry> {
  const conflicts = new Set<MempoolEntry>()
  for (const { previousOutput } of inputs) {
    const spender = index.spender(previousOutput)
    if (spender !== undefined) conflicts.add(spender)
  }
  return conflicts
}

/** Rule 5. Stops counting as soon as there are too many. */
function withDescendants(conflicts: ReadonlySet<MempoolEntry>, limit: number): Set<MempoolEntry> {
  const replaced = new Set<MempoolEntry>()
  for (const conflict of conflicts) {
    replaced.add(conflict)
    for (const dependent of descendants(conflict)) replaced.add(dependent)
    if (replaced.size > limit) throw new PolicyError('policy-replacement-too-many', { limit })
  }
  return replaced
}

/** What would go cannot be spent. */
function checkSpendsNone({ parents }: Replacement, replaced: ReadonlySet<MempoolEntry>): void {
  for (const parent of parents) {
    if (replaced.has(parent))
      throw new PolicyError('policy-replacement-spends-replaced', { txid: formatHash(parent.txid) })
  }
}

/** Rule 6: a miner would rather take the replacement than any of those whose coins it takes. */
function checkFeeRates(replacement: Replacement, conflicts: ReadonlySet<MempoolEntry>): void {
  const { modifiedFee: fee, size } = replacement
  for (const conflict of conflicts) {
    if (fee * BigInt(conflict.size) > modifiedFee(conflict) * BigInt(size)) continue
    throw new PolicyError('policy-replacement-rate-too-low', {
      rate: computeFeeRate(fee, size),
      txid: formatHash(conflict.txid),
      replaced: computeFeeRate(modifiedFee(conflict), conflict.size),
    })
  }
}

/** Rule 2: it may depend on what those depended on whose coins it takes, but not on others that wait. */
function checkNoNewParents({ parents }: Replacement, conflicts: ReadonlySet<MempoolEntry>): void {
  const known = new Set<MempoolEntry>()
  for (const conflict of conflicts) for (const parent of conflict.parents) known.add(parent)
  for (const parent of parents) {
    if (!known.has(parent))
      throw new PolicyError('policy-replacement-new-parent', { txid: formatHash(parent.txid) })
  }
}

/** Rules 3 and 4: it pays what all that go would have paid, and for being sent around itself. */
function checkFee(
  { modifiedFee: fee, size }: Replacement,
  replaced: ReadonlySet<MempoolEntry>,
  limits: PolicyLimits,
): void {
  let before = 0n
  for (const entry of replaced) before += modifiedFee(entry)
  if (fee < before) throw new PolicyError('policy-replacement-fee-too-low', { fee, replaced: before })
  const required = before + computeFee(limits.incrementalFeeRate, size)
  if (fee < required) throw new PolicyError('policy-replacement-relay-unpaid', { fee, required })
}
