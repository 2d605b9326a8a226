/**
 * The rules of a transaction by itself, without its coins or its place in the chain.
 *
 * Source: Bitcoin Core, `CheckTransaction`; docs/protocol/consensus.md#transaction-form
 */
import {
  formatOutPoint,
  isCoinbase,
  isNullOutPoint,
  outpointKey,
  type Transaction,
  transactionLength,
} from '../primitives/index.ts'
import { isAmountInRange } from '../units/index.ts'
import { MAX_BASE_LENGTH } from './params.ts'
import { RuleError } from './rules.ts'

/**
 * Checks everything that a transaction shows by itself: counts, sizes, amounts and outpoints, but not the coins it spends.
 *
 * @throws {RuleError} `transaction-*` of the stage `transaction`
 */
export function checkTransaction(transaction: Transaction): void {
  const { inputs, outputs } = transaction
  if (inputs.length === 0) throw new RuleError('transaction-inputs-empty', {})
  if (outputs.length === 0) throw new RuleError('transaction-outputs-empty', {})
  const length = transactionLength(transaction, { witness: false })
  if (length > MAX_BASE_LENGTH)
    throw new RuleError('transaction-too-large', { length, limit: MAX_BASE_LENGTH })
  checkOutputValues(transaction)
  checkOutPointsDiffer(transaction)
  if (isCoinbase(transaction)) checkCoinbaseScript(transaction)
  else checkOutPointsNamed(transaction)
}

function checkOutputValues({ outputs }: Transaction): void {
  let sum = 0n
  outputs.forEach(({ value }, index) => {
    if (!isAmountInRange(value))
      throw new RuleError('transaction-output-value-out-of-range', { index, value })
    sum += value
    if (!isAmountInRange(sum)) throw new RuleError('transaction-output-sum-out-of-range', { sum })
  })
}

function checkOutPointsDiffer({ inputs }: Transaction): void {
  if (inputs.length === 1) return
  const seen = new Set<string>()
  for (const { previousOutput } of inputs) {
    const size = seen.size
    seen.add(outpointKey(previousOutput))
    if (seen.size === size) {
      throw new RuleError('transaction-inputs-duplicate', { outpoint: formatOutPoint(previousOutput) })
    }
  }
}

function checkCoinbaseScript({ inputs }: Transaction): void {
  const length = inputs[0]?.scriptSig.length ?? 0
  if (length < 2 || length > 100) throw new RuleError('transaction-coinbase-script-length', { length })
}

function checkOutPointsNamed({ inputs }: Transaction): void {
  const index = inputs.findIndex(({ previousOutput }) => isNullOutPoint(previousOutput))
  if (index >= 0) throw new RuleError('transaction-input-null', { index })
}
