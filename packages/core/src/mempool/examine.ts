/**
 * Everything that decides whether a transaction may wait, but its signatures and the room it takes: the rules of its
 * inputs and then policy, on the coins after the tip and the outputs of other waiting transactions.
 *
 * Source: docs/protocol/policy.md; Bitcoin Core, `MemPoolAccept::PreChecks`
 */
import type { ChainManager } from '../chain/index.ts'
import {
  checkInputs,
  checkTransaction,
  type InputsResult,
  isFinal,
  medianTimePast,
  RuleError,
  type SignatureCheck,
} from '../consensus/index.ts'
import { type Coin, isCoinbase, type OutPoint, type Transaction, virtualSize } from '../primitives/index.ts'
import { classifyScript } from '../script/index.ts'
import type { Amount } from '../units/index.ts'
import { computeFee, type FeeRate } from './fee-rate.ts'
import type { MempoolEntry } from './mempool-entry.ts'
import type { MempoolIndex } from './mempool-index.ts'
import { checkPackageLimits } from './package-limits.ts'
import { checkPolicy, PolicyError, type PolicyLimits, policyOfAge } from './policy.ts'
import { checkReplacement } from './replacement.ts'

/** The surroundings in which a transaction is examined. */
export interface Surroundings {
  readonly chain: Pick<ChainManager, 'tip' | 'spec' | 'readCoin'>
  readonly index: MempoolIndex
  readonly limits: PolicyLimits
  /** The rolling minimum of a mempool that was full; 0 where it does not count. */
  readonly rollingFeeRate: FeeRate
}

/** A transaction that may wait if its signatures are right and there is room. */
export interface Candidate {
  readonly transaction: Transaction
  /** Base units. */
  readonly fee: Amount
  /** Virtual bytes. */
  readonly size: number
  readonly parents: Set<MempoolEntry>
  /** What it takes the place of. */
  readonly replaced: ReadonlySet<MempoolEntry>
  /** Signatures that must be right. */
  readonly checks: readonly SignatureCheck[]
}

/** Outputs that are not known, or were spent by the chain. */
export interface MissingInputs {
  readonly missing: readonly OutPoint[]
}

/**
 * What needs neither coins nor other transactions: rules, then policy.
 *
 * @throws {RuleError | PolicyError}
 */
export function examineAlone(transaction: Transaction, limits: PolicyLimits): void {
  checkTransaction(transaction)
  if (isCoinbase(transaction)) throw new PolicyError('policy-coinbase', {})
  checkPolicy(transaction, limits)
}

/**
 * What depends on the chain and on what waits: rules, then policy.
 *
 * @param feeDelta - what it counts as paying beyond its fee
 * @throws {RuleError | PolicyError}
 */
export function examineInPlace(
  surroundings: Surroundings,
  transaction: Transaction,
  feeDelta: Amount,
): Candidate | MissingInputs {
  const { chain, index, limits } = surroundings
  if (!isFinal(transaction, chain.tip.height + 1, medianTimePast(chain.tip)))
    throw new PolicyError('policy-not-final', { lockTime: transaction.lockTime })
  const coins = findCoins(surroundings, transaction)
  if ('missing' in coins) return coins
  const { fee, checks } = checkSpending(surroundings, transaction, coins)
  checkNoAnnex(transaction, coins)
  const size = virtualSize(transaction)
  checkFee(surroundings, fee + feeDelta, size)
  const parents = index.parentsOf(transaction)
  const replaced = checkReplacement(
    index,
    { transaction, modifiedFee: fee + feeDelta, size, parents },
    limits,
  )
  checkPackageLimits({ size, parents, replaced }, limits)
  return { transaction, fee, size, parents, replaced, checks }
}

function findCoins(surroundings: Surroundings, { inputs }: Transaction): Coin[] | MissingInputs {
  const coins: Coin[] = []
  const missing: OutPoint[] = []
  for (const { previousOutput } of inputs) {
    const coin = readCoin(surroundings, previousOutput)
    if (coin === undefined) missing.push(previousOutput)
    else coins.push(coin)
  }
  return missing.length > 0 ? { missing } : coins
}

/** A coin after the tip or made by a waiting transaction, which counts as made in the next block. */
function readCoin({ chain, index }: Surroundings, outpoint: OutPoint): Coin | undefined {
  const output = index.get(outpoint.txid)?.transaction.outputs[outpoint.index]
  if (output !== undefined) return { output, height: chain.tip.height + 1, isCoinbase: false }
  return chain.readCoin(outpoint)
}

function checkSpending(
  { chain }: Surroundings,
  transaction: Transaction,
  coins: readonly Coin[],
): InputsResult {
  try {
    return checkInputs(chain.spec.consensus, transaction, coins, chain.tip)
  } catch (error) {
    throw error instanceof RuleError ? (policyOfAge(error) ?? error) : error
  }
}

/** A taproot witness that follows the rules has one item, and with an annex two. */
function checkNoAnnex({ inputs }: Transaction, coins: readonly Coin[]): void {
  inputs.forEach(({ witness }, index) => {
    const { scriptPubKey } = (coins[index] as Coin).output
    if (witness.length > 1 && classifyScript(scriptPubKey).type === 'p2tr')
      throw new PolicyError('policy-annex', { index })
  })
}

function checkFee({ limits, rollingFeeRate }: Surroundings, fee: Amount, size: number): void {
  const required = computeFee(limits.minimumFeeRate, size)
  if (fee < required) throw new PolicyError('policy-fee-too-low', { fee, required })
  const rolling = computeFee(rollingFeeRate, size)
  if (fee < rolling) throw new PolicyError('policy-below-mempool-minimum', { fee, required: rolling })
}
