/**
 * The table of consensus rules: every reason for which data is refused by the protocol, under one code each.
 *
 * - `stage`: what must be known to judge the rule: nothing but a `transaction`, the `header` and its ancestors, the
 *   `block`, or the coins its `inputs` spend.
 * - `blame`: `peer`, whoever sent it broke the rules and the block or transaction can never become valid; `transient`,
 *   it may become valid later; `mutated`, the body may be a damaged copy of a valid block, so the hash must not be
 *   remembered as invalid.
 * - `spec`: the paragraph in docs/protocol/consensus.md.
 * - `reason`: what Bitcoin Core calls it in its reject reasons, for tools that look for it.
 * - `sentence`: says it to people, from the rule's own data.
 */
import { type BrokenRule, ChainError, type RuleRow } from '../errors/index.ts'
import { type Amount, formatAmount } from '../units/index.ts'

/** What must be known to judge a rule. */
export type RuleStage = 'transaction' | 'header' | 'block' | 'inputs'

/** Who is to blame when a rule is broken. */
export type RuleBlame = 'peer' | 'transient' | 'mutated'

/** One row of the rule table. */
export interface Rule extends RuleRow {
  readonly stage: RuleStage
  readonly blame: RuleBlame
  /** Heading in docs/protocol/consensus.md. */
  readonly spec: string
}

/** All consensus rules by code. */
export const rules = {
  'transaction-inputs-empty': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'transaction-form',
    reason: 'bad-txns-vin-empty',
    sentence: (): string => 'The transaction spends nothing.',
  },
  'transaction-outputs-empty': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'transaction-form',
    reason: 'bad-txns-vout-empty',
    sentence: (): string => 'The transaction pays nothing.',
  },
  'transaction-too-large': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'transaction-form',
    reason: 'bad-txns-oversize',
    sentence: (data: { length: number; limit: number }): string =>
      `The transaction has ${data.length} bytes without witness, more than the ${data.limit} of a whole block.`,
  },
  'transaction-output-value-out-of-range': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'amounts',
    reason: 'bad-txns-vout-toolarge',
    sentence: (data: { index: number; value: Amount }): string =>
      `Output ${data.index} has the impossible value ${formatAmount(data.value)}.`,
  },
  'transaction-output-sum-out-of-range': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'amounts',
    reason: 'bad-txns-txouttotal-toolarge',
    sentence: (data: { sum: Amount }): string =>
      `The outputs add up to the impossible value ${formatAmount(data.sum)}.`,
  },
  'transaction-inputs-duplicate': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'transaction-form',
    reason: 'bad-txns-inputs-duplicate',
    sentence: (data: { outpoint: string }): string => `The transaction spends ${data.outpoint} twice.`,
  },
  'transaction-coinbase-script-length': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'coinbase',
    reason: 'bad-cb-length',
    sentence: (data: { length: number }): string =>
      `The coinbase script has ${data.length} bytes, not 2 to 100.`,
  },
  'transaction-input-null': {
    stage: 'transaction',
    blame: 'peer',
    spec: 'transaction-form',
    reason: 'bad-txns-prevout-null',
    sentence: (data: { index: number }): string =>
      `Input ${data.index} names no output, which only a coinbase may do.`,
  },
  'header-version-obsolete': {
    stage: 'header',
    blame: 'peer',
    spec: 'header-version',
    reason: 'bad-version',
    sentence: (data: { version: number }): string => `The header's version ${data.version} is below 4.`,
  },
  'header-target-wrong': {
    stage: 'header',
    blame: 'peer',
    spec: 'difficulty',
    reason: 'bad-diffbits',
    sentence: (data: { bits: number; expected: number }): string =>
      `The header's compact target is ${hex32(data.bits)} instead of ${hex32(data.expected)}.`,
  },
  'header-work-insufficient': {
    stage: 'header',
    blame: 'peer',
    spec: 'proof-of-work',
    reason: 'high-hash',
    sentence: (data: { hash: string; bits: number }): string =>
      `The block hash ${data.hash} is above the target ${hex32(data.bits)}.`,
  },
  'header-time-too-old': {
    stage: 'header',
    blame: 'peer',
    spec: 'time',
    reason: 'time-too-old',
    sentence: (data: { time: number; median: number }): string =>
      `The header's time ${data.time} is not after ${data.median}, the median of the eleven blocks before.`,
  },
  'header-time-too-new': {
    stage: 'header',
    blame: 'transient',
    spec: 'time',
    reason: 'time-too-new',
    sentence: (data: { time: number; limit: number }): string =>
      `The header's time ${data.time} is after ${data.limit}, two hours ahead of the clock.`,
  },
  'header-branch-invalid': {
    stage: 'header',
    blame: 'peer',
    spec: 'chain',
    reason: 'bad-prevblk',
    sentence: (data: { invalid: string }): string =>
      `The header belongs to a branch with the invalid block ${data.invalid}.`,
  },
  'header-not-connected': {
    stage: 'header',
    blame: 'peer',
    spec: 'chain',
    reason: 'prev-blk-not-found',
    sentence: (data: { parent: string }): string =>
      `A header in the middle of a batch does not build on the one before but on ${data.parent}.`,
  },
  'block-transactions-empty': {
    stage: 'block',
    blame: 'mutated',
    spec: 'block-form',
    reason: 'bad-blk-length',
    sentence: (): string => 'The block has no transactions.',
  },
  'block-merkle-root-wrong': {
    stage: 'block',
    blame: 'mutated',
    spec: 'merkle-root',
    reason: 'bad-txnmrklroot',
    sentence: (): string => 'The transactions do not have the Merkle root that the header states.',
  },
  'block-transactions-duplicate': {
    stage: 'block',
    blame: 'mutated',
    spec: 'merkle-root',
    reason: 'bad-txns-duplicate',
    sentence: (): string => 'The block repeats transactions so that its Merkle root stays the same.',
  },
  'block-too-large': {
    stage: 'block',
    blame: 'peer',
    spec: 'weight',
    reason: 'bad-blk-length',
    sentence: (data: { length: number; limit: number }): string =>
      `The block has ${data.length} bytes without witnesses, more than ${data.limit}.`,
  },
  'block-coinbase-missing': {
    stage: 'block',
    // Two hashes of a Merkle tree can pass for a transaction of 64 bytes, but never for a coinbase.
    blame: 'mutated',
    spec: 'coinbase',
    reason: 'bad-cb-missing',
    sentence: (): string => 'The first transaction is not a coinbase.',
  },
  'block-coinbase-multiple': {
    stage: 'block',
    blame: 'peer',
    spec: 'coinbase',
    reason: 'bad-cb-multiple',
    sentence: (data: { index: number }): string => `Transaction ${data.index} is a second coinbase.`,
  },
  'block-sigops-too-many': {
    stage: 'block',
    blame: 'peer',
    spec: 'signature-operations',
    reason: 'bad-blk-sigops',
    sentence: (data: { cost: number; limit: number }): string =>
      `The block's signature operations cost ${data.cost}, more than ${data.limit}.`,
  },
  'block-coinbase-height-wrong': {
    stage: 'block',
    blame: 'peer',
    spec: 'coinbase-height',
    reason: 'bad-cb-height',
    sentence: (data: { height: number }): string =>
      `The coinbase does not begin with the block's height ${data.height}.`,
  },
  'block-transaction-not-final': {
    stage: 'block',
    blame: 'peer',
    spec: 'lock-time',
    reason: 'bad-txns-nonfinal',
    sentence: (data: { txid: string; lockTime: number }): string =>
      `Transaction ${data.txid} may not be mined yet: its lock time is ${data.lockTime}.`,
  },
  'block-witness-commitment-wrong': {
    stage: 'block',
    blame: 'mutated',
    spec: 'witness-commitment',
    reason: 'bad-witness-merkle-match',
    sentence: (): string => 'The witnesses are not those that the coinbase commits to.',
  },
  'block-witness-nonce-wrong': {
    stage: 'block',
    blame: 'mutated',
    spec: 'witness-commitment',
    reason: 'bad-witness-nonce-size',
    sentence: (): string => "The coinbase's witness is not one item of 32 bytes.",
  },
  'block-witness-unexpected': {
    stage: 'block',
    blame: 'mutated',
    spec: 'witness-commitment',
    reason: 'unexpected-witness',
    sentence: (): string => 'The block carries witnesses, but its coinbase does not commit to them.',
  },
  'block-weight-too-large': {
    stage: 'block',
    blame: 'peer',
    spec: 'weight',
    reason: 'bad-blk-weight',
    sentence: (data: { weight: number; limit: number }): string =>
      `The block weighs ${data.weight}, more than ${data.limit}.`,
  },
  'block-filter-commitment-missing': {
    stage: 'block',
    blame: 'peer',
    spec: 'filter-commitment',
    reason: 'bad-filter-commitment',
    sentence: (): string => "The coinbase does not commit to the parent block's filter header.",
  },
  'block-filter-commitment-wrong': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'filter-commitment',
    reason: 'bad-filter-commitment',
    sentence: (data: { expected: string }): string =>
      `The coinbase commits to another filter header than the parent's, ${data.expected}.`,
  },
  'transaction-duplicates-unspent': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'duplicate-transactions',
    reason: 'bad-txns-BIP30',
    sentence: (data: { txid: string }): string =>
      `An earlier transaction ${data.txid} still has unspent outputs.`,
  },
  'input-coin-missing': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'coins',
    reason: 'bad-txns-inputs-missingorspent',
    sentence: (data: { outpoint: string }): string =>
      `The output ${data.outpoint} does not exist or is spent already.`,
  },
  'input-coinbase-immature': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'maturity',
    reason: 'bad-txns-premature-spend-of-coinbase',
    sentence: (data: { outpoint: string; depth: number; maturity: number }): string =>
      `The coinbase output ${data.outpoint} is ${data.depth} blocks deep; it can be spent at ${data.maturity}.`,
  },
  'input-value-out-of-range': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'amounts',
    reason: 'bad-txns-inputvalues-outofrange',
    sentence: (data: { sum: Amount }): string =>
      `The inputs add up to the impossible value ${formatAmount(data.sum)}.`,
  },
  'transaction-pays-too-much': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'amounts',
    reason: 'bad-txns-in-belowout',
    sentence: (data: { inputs: Amount; outputs: Amount }): string =>
      `The transaction pays ${formatAmount(data.outputs)} but spends only ${formatAmount(data.inputs)}.`,
  },
  'transaction-sequence-locked': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'relative-lock-time',
    reason: 'bad-txns-nonfinal',
    sentence: (data: { txid: string }): string =>
      `Transaction ${data.txid} spends a coin before its relative lock ends.`,
  },
  'input-script-sig-not-empty': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'spending-conditions',
    reason: 'mandatory-script-verify-flag-failed (Witness requires empty scriptSig)',
    sentence: (data: { index: number }): string => `Input ${data.index} has a script beside its witness.`,
  },
  'input-coin-unspendable': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'spending-conditions',
    reason: 'mandatory-script-verify-flag-failed',
    sentence: (data: { index: number }): string =>
      `Input ${data.index} spends a coin whose spending condition this network does not know.`,
  },
  'input-witness-malformed': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'spending-conditions',
    reason: 'mandatory-script-verify-flag-failed (Witness program was passed an empty witness)',
    sentence: (data: { index: number }): string =>
      `Input ${data.index} does not have the witness that its coin asks for.`,
  },
  'input-key-mismatch': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'spending-conditions',
    reason: 'mandatory-script-verify-flag-failed (Script failed an OP_EQUALVERIFY operation)',
    sentence: (data: { index: number }): string =>
      `Input ${data.index} shows another public key than its coin names.`,
  },
  'input-hash-type-unknown': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'spending-conditions',
    reason: 'mandatory-script-verify-flag-failed (Signature hash type missing or not understood)',
    sentence: (data: { index: number; hashType: number }): string =>
      `The signature of input ${data.index} has the unknown hash type ${data.hashType}.`,
  },
  'input-signature-invalid': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'spending-conditions',
    reason:
      'mandatory-script-verify-flag-failed (Signature must be zero for failed CHECK(MULTI)SIG operation)',
    sentence: (data: { txid: string; index: number }): string =>
      `The signature of input ${data.index} of transaction ${data.txid} is wrong.`,
  },
  'block-coinbase-pays-too-much': {
    stage: 'inputs',
    blame: 'peer',
    spec: 'subsidy',
    reason: 'bad-cb-amount',
    sentence: (data: { paid: Amount; allowed: Amount }): string =>
      `The coinbase pays ${formatAmount(data.paid)}, more than subsidy and fees of ${formatAmount(data.allowed)}.`,
  },
} as const

/** Code of a consensus rule. */
export type RuleCode = keyof typeof rules

/** A rule and what it was broken with. */
export type RuleFailure = BrokenRule<typeof rules>

/** Data broke a consensus rule. */
export class RuleError extends ChainError {
  override readonly code: RuleCode

  constructor(...[code, data]: RuleFailure) {
    const { sentence }: Rule = rules[code]
    super(code, sentence(data), data)
    this.code = code
  }

  /** The broken rule's row. */
  get rule(): Rule {
    return rules[this.code]
  }
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0')
}
