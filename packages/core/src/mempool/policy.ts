/**
 * Relay policy: what this node keeps and passes on, beyond what the protocol's rules demand. Policy protects memory and
 * bandwidth; a block may hold transactions that policy refuses.
 *
 * Source: docs/protocol/policy.md; Bitcoin Core, `policy/policy.cpp`
 */
import type { Bytes } from '../bytes/index.ts'
import type { RuleError } from '../consensus/index.ts'
import { type BrokenRule, ChainError, type RuleRow } from '../errors/index.ts'
import {
  type Transaction,
  type TransactionOutput,
  transactionLength,
  transactionWeight,
} from '../primitives/index.ts'
import { classifyScript } from '../script/index.ts'
import { type Amount, formatAmount } from '../units/index.ts'
import { computeFee, type FeeRate } from './fee-rate.ts'

/** The limits of the policy; a node may choose others. */
export interface PolicyLimits {
  /** Least fee rate that is relayed, in base units per 1,000 virtual bytes. */
  readonly minimumFeeRate: FeeRate
  /** Fee rate at which an output must be worth spending. */
  readonly dustFeeRate: FeeRate
  /** Most weight of one transaction. */
  readonly maxWeight: number
  /** Most bytes of data in a null-data output. */
  readonly maxDataLength: number
  /** What a replacement pays beyond what it replaces, and the step of the rolling minimum, as a fee rate. */
  readonly incrementalFeeRate: FeeRate
  /** Most waiting transactions that one replacement takes the place of. */
  readonly maxReplaced: number
  /** Most waiting transactions that one may depend on, itself included. */
  readonly maxAncestors: number
  /** Most virtual bytes of a transaction and all waiting ones that it depends on. */
  readonly maxAncestorSize: number
  /** Most waiting transactions that may depend on one, itself included. */
  readonly maxDescendants: number
  /** Most virtual bytes of a waiting transaction and all that depend on it. */
  readonly maxDescendantSize: number
  /** Most virtual bytes of all waiting transactions. */
  readonly maxMempoolSize: number
  /** Seconds after which a waiting transaction is dropped. */
  readonly expirySeconds: number
}

/** What nodes use unless told otherwise. */
export const defaultPolicy: PolicyLimits = {
  minimumFeeRate: 1_000n,
  dustFeeRate: 3_000n,
  maxWeight: 400_000,
  maxDataLength: 1_000,
  incrementalFeeRate: 1_000n,
  maxReplaced: 100,
  maxAncestors: 25,
  maxAncestorSize: 101_000,
  maxDescendants: 25,
  maxDescendantSize: 101_000,
  maxMempoolSize: 20_000_000,
  expirySeconds: 14 * 24 * 3_600,
}

/** All policy rules by code. */
export const policyRules = {
  'policy-coinbase': {
    reason: 'coinbase',
    sentence: (): string => 'A coinbase can only stand in a block.',
  },
  'policy-version': {
    reason: 'version',
    sentence: (data: { version: number }): string =>
      `Transactions of version ${data.version} are not relayed.`,
  },
  'policy-too-small': {
    reason: 'tx-size-small',
    sentence: (data: { length: number }): string =>
      `The transaction has ${data.length} bytes without witness; below 65 it could pass for part of a Merkle tree.`,
  },
  'policy-too-heavy': {
    reason: 'tx-size',
    sentence: (data: { weight: number; limit: number }): string =>
      `The transaction weighs ${data.weight}, more than the ${data.limit} that are relayed.`,
  },
  'policy-output-nonstandard': {
    reason: 'scriptpubkey',
    sentence: (data: { index: number }): string => `Output ${data.index} is of a kind that is not relayed.`,
  },
  'policy-data-too-long': {
    reason: 'datacarrier',
    sentence: (data: { index: number; length: number; limit: number }): string =>
      `Output ${data.index} carries ${data.length} bytes of data, more than ${data.limit}.`,
  },
  'policy-dust': {
    reason: 'dust',
    sentence: (data: { index: number; value: Amount; limit: Amount }): string =>
      `Output ${data.index} of ${formatAmount(data.value)} is dust: at least ${formatAmount(data.limit)} is needed.`,
  },
  'policy-not-final': {
    reason: 'non-final',
    sentence: (data: { lockTime: number }): string =>
      `The transaction cannot stand in the next block: its lock time is ${data.lockTime}.`,
  },
  'policy-immature': {
    reason: 'bad-txns-premature-spend-of-coinbase',
    sentence: (data: { outpoint: string; depth: number; maturity: number }): string =>
      `The coinbase output ${data.outpoint} is ${data.depth} blocks deep; it can be spent at ${data.maturity}.`,
  },
  'policy-sequence-locked': {
    reason: 'non-BIP68-final',
    sentence: (data: { txid: string }): string =>
      `Transaction ${data.txid} spends a coin before its relative lock ends.`,
  },
  'policy-fee-too-low': {
    reason: 'min relay fee not met',
    sentence: (data: { fee: Amount; required: Amount }): string =>
      `The fee of ${formatAmount(data.fee)} is below the ${formatAmount(data.required)} that are asked for.`,
  },
  'policy-below-mempool-minimum': {
    reason: 'mempool min fee not met',
    sentence: (data: { fee: Amount; required: Amount }): string =>
      `The fee of ${formatAmount(data.fee)} is below the ${formatAmount(data.required)} that are asked for since the memory was full.`,
  },
  'policy-annex': {
    reason: 'bad-witness-nonstandard',
    sentence: (data: { index: number }): string =>
      `The witness of input ${data.index} has an annex, which has no meaning yet.`,
  },
  'policy-replacement-spends-replaced': {
    reason: 'bad-txns-spends-conflicting-tx',
    sentence: (data: { txid: string }): string =>
      `The transaction spends an output of ${data.txid}, which it would replace.`,
  },
  'policy-replacement-new-parent': {
    reason: 'replacement-adds-unconfirmed',
    sentence: (data: { txid: string }): string =>
      `The transaction would replace others but depends on ${data.txid}, which waits too and which they did not spend.`,
  },
  'policy-replacement-rate-too-low': {
    reason: 'insufficient fee',
    sentence: (data: { rate: FeeRate; txid: string; replaced: FeeRate }): string =>
      `A fee of ${data.rate} base units per 1,000 virtual bytes is no more than the ${data.replaced} of ${data.txid}, which it would replace.`,
  },
  'policy-replacement-fee-too-low': {
    reason: 'insufficient fee',
    sentence: (data: { fee: Amount; replaced: Amount }): string =>
      `The fee of ${formatAmount(data.fee)} is below the ${formatAmount(data.replaced)} that those pay which it would replace.`,
  },
  'policy-replacement-relay-unpaid': {
    reason: 'insufficient fee',
    sentence: (data: { fee: Amount; required: Amount }): string =>
      `The fee of ${formatAmount(data.fee)} is below the ${formatAmount(data.required)} that a replacement needs to pay for its own relay.`,
  },
  'policy-replacement-too-many': {
    reason: 'too many potential replacements',
    sentence: (data: { limit: number }): string =>
      `The transaction would replace more than ${data.limit} waiting ones.`,
  },
  'policy-too-many-ancestors': {
    reason: 'too-long-mempool-chain',
    sentence: (data: { count: number; limit: number }): string =>
      `With those that it depends on, ${data.count} transactions would wait for each other, more than ${data.limit}.`,
  },
  'policy-ancestors-too-large': {
    reason: 'too-long-mempool-chain',
    sentence: (data: { size: number; limit: number }): string =>
      `With those that it depends on, the transaction has ${data.size} virtual bytes, more than ${data.limit}.`,
  },
  'policy-too-many-descendants': {
    reason: 'too-long-mempool-chain',
    sentence: (data: { txid: string; count: number; limit: number }): string =>
      `With this one, ${data.count} transactions would wait for ${data.txid}, itself included, more than ${data.limit}.`,
  },
  'policy-descendants-too-large': {
    reason: 'too-long-mempool-chain',
    sentence: (data: { txid: string; size: number; limit: number }): string =>
      `With this one, ${data.txid} and all that wait for it have ${data.size} virtual bytes, more than ${data.limit}.`,
  },
  'policy-mempool-full': {
    reason: 'mempool full',
    sentence: (data: { rate: FeeRate }): string =>
      `The waiting transactions fill the memory, and all pay more than ${data.rate} base units per 1,000 bytes.`,
  },
} as const

/** Code of a policy rule. */
export type PolicyCode = keyof typeof policyRules

/** A policy rule and what it was broken with. */
export type PolicyFailure = BrokenRule<typeof policyRules>

/** A transaction is not kept or passed on, though the protocol's rules may allow it. */
export class PolicyError extends ChainError {
  override readonly code: PolicyCode

  constructor(...[code, data]: PolicyFailure) {
    const { sentence }: RuleRow = policyRules[code]
    super(code, sentence(data), data)
    this.code = code
  }

  /** The policy's row. */
  get rule(): RuleRow {
    return policyRules[this.code]
  }
}

/**
 * The policy in place of a rule that a coin's age breaks, or `undefined` for other rules.
 *
 * Such a transaction may be right for the next block of a peer whose chain is a block ahead: the peer is not to blame.
 */
export function policyOfAge(error: RuleError): PolicyError | undefined {
  // The rows of rule and policy take the same data.
  const data = error.data as never
  if (error.code === 'input-coinbase-immature') return new PolicyError('policy-immature', data)
  if (error.code === 'transaction-sequence-locked') return new PolicyError('policy-sequence-locked', data)
  return undefined
}

/**
 * Checks what needs neither coins nor other transactions.
 *
 * @throws {PolicyError} `policy-version`, `policy-too-small`, `policy-too-heavy`, `policy-output-nonstandard`, `policy-data-too-long`, `policy-dust`
 */
export function checkPolicy(transaction: Transaction, limits: PolicyLimits): void {
  const { version } = transaction
  if (version !== 1 && version !== 2) throw new PolicyError('policy-version', { version })
  const length = transactionLength(transaction, { witness: false })
  if (length < MIN_LENGTH) throw new PolicyError('policy-too-small', { length })
  const weight = transactionWeight(transaction)
  if (weight > limits.maxWeight)
    throw new PolicyError('policy-too-heavy', { weight, limit: limits.maxWeight })
  transaction.outputs.forEach((output, index) => {
    checkOutput(output, index, limits)
  })
}

/** Two hashes of a Merkle tree have 64 bytes. Source: CVE-2017-12842; Bitcoin Core, `MIN_STANDARD_TX_NONWITNESS_SIZE`. */
const MIN_LENGTH = 65

function checkOutput(output: TransactionOutput, index: number, limits: PolicyLimits): void {
  const template = classifyScript(output.scriptPubKey)
  if (template.type === 'other') throw new PolicyError('policy-output-nonstandard', { index })
  if (template.type === 'null-data') {
    const { length } = template.data
    const limit = limits.maxDataLength
    if (length > limit) throw new PolicyError('policy-data-too-long', { index, length, limit })
    return
  }
  const limit = dustLimit(output.scriptPubKey, limits.dustFeeRate)
  if (output.value < limit) throw new PolicyError('policy-dust', { index, value: output.value, limit })
}

/** Virtual bytes that spending a witness output takes: outpoint, empty script, sequence, a quarter of the witness. */
const SPEND_SIZE = 67

/**
 * The least value of an output that is worth spending: what it costs to make and spend it at the dust fee rate.
 *
 * Source: Bitcoin Core, `GetDustThreshold`: 294 base units for P2WPKH and 330 for taproot at 3,000.
 */
export function dustLimit(script: Bytes, rate: FeeRate = defaultPolicy.dustFeeRate): Amount {
  const outputLength = 8 + 1 + script.length
  return computeFee(rate, outputLength + SPEND_SIZE)
}
