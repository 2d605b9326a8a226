/**
 * Plans a payment that takes the place of one that waits. It spends every coin that the other spends, so that only one
 * of the two can ever be mined. Nothing is signed or sent.
 *
 * Source: BIP69 (order of inputs and outputs); BIP125, rules 2 to 4; docs/protocol/policy.md#replacement
 */
import { compareBytes, reverseBytes } from '@chain/core/bytes'
import { computeFee, computeFeeRate, defaultPolicy, dustLimit, type FeeRate } from '@chain/core/mempool'
import { formatHash, type TransactionOutput, transactionWeight } from '@chain/core/primitives'
import { type Amount, formatAmount, type Height } from '@chain/core/units'
import {
  type Account,
  DEFAULT_MAX_FEE,
  inputWeight,
  paymentWeight,
  type UnsignedPayment,
  WalletError,
} from '@chain/core/wallet'
import { paymentBuiltOn, paymentNotOwn } from './errors.ts'
import type { Ledger, LedgerEntry, OwnCoin } from './light-client/ledger.ts'

/** How a waiting payment is replaced. */
export interface ReplacementPlan {
  /** Pay nobody: all that is left after the fee comes back to the wallet. */
  readonly cancel: boolean
  /** At least this; what nodes ask of a replacement is paid in any case. */
  readonly feeRate: FeeRate
  /** The most that may be paid as a fee; {@link DEFAULT_MAX_FEE} when absent. */
  readonly maxFee?: Amount | undefined
}

/** Says that the payment may be replaced in turn. Source: BIP125. */
const REPLACEABLE = 0xfffffffd

/**
 * Spends the coins of a waiting payment again, and mined coins beside them where the higher fee needs it.
 *
 * @param tip - height of the chain's end
 * @throws {OperationalError} `payment-not-own`, `payment-built-on`
 * @throws {WalletError} `insufficient-funds`, `fee-absurd`
 */
export function planReplacement(
  account: Account,
  ledger: Ledger,
  tip: Height,
  entry: LedgerEntry,
  { cancel, feeRate, maxFee = DEFAULT_MAX_FEE }: ReplacementPlan,
): UnsignedPayment {
  const spent = spentCoins(ledger, entry)
  const { outputs } = entry.transaction
  const isChange = ({ scriptPubKey }: TransactionOutput): boolean =>
    ledger.placeOf(scriptPubKey)?.branch === 'change'
  const kept = cancel ? [] : outputs.filter((output) => !isChange(output))
  const changeScript = outputs.find(isChange)?.scriptPubKey ?? account.script(ledger.nextUnused('change'))
  const feeFor = requiredFee(entry, spent, feeRate)
  const spare = ledger.confirmedCoins(tip).sort((a, b) => compareAmounts(b.output.value, a.output.value))
  for (let count = 0; count <= spare.length; count++) {
    const payment = settle([...spent, ...spare.slice(0, count)], kept, changeScript, feeFor)
    if (payment === undefined) continue
    if (payment.fee > maxFee) throw feeAbsurd(payment.fee, maxFee)
    return payment
  }
  throw insufficientFunds([...spent, ...spare])
}

/** The coins that a payment spends, when they can be spent otherwise without harm to a third payment. */
function spentCoins(ledger: Ledger, entry: LedgerEntry): OwnCoin[] {
  const spent = ledger.coinsSpentBy(entry.transaction)
  if (spent === undefined) throw paymentNotOwn(formatHash(entry.txid))
  const others = ledger.buildingOn(entry).map(({ txid }) => formatHash(txid))
  if (others.length > 0) throw paymentBuiltOn(formatHash(entry.txid), others)
  return spent
}

/** The least fee of a replacement by its virtual size: more than before, in all and for each byte. */
function requiredFee(
  { transaction }: LedgerEntry,
  spent: readonly OwnCoin[],
  feeRate: FeeRate,
): (size: number) => Amount {
  const { incrementalFeeRate } = defaultPolicy
  const before = sumOf(spent.map(({ output }) => output)) - sumOf(transaction.outputs)
  const floor = computeFeeRate(before, Math.ceil(transactionWeight(transaction) / 4)) + incrementalFeeRate
  const rate = feeRate > floor ? feeRate : floor
  return (size) => {
    const [byRate, byStep] = [computeFee(rate, size), before + computeFee(incrementalFeeRate, size)]
    if (byRate > byStep) return byRate
    return byStep
  }
}

/** The payment that these coins make, with change where it is worth an output; `undefined` when they are not enough. */
function settle(
  coins: readonly OwnCoin[],
  kept: readonly TransactionOutput[],
  changeScript: Uint8Array,
  feeFor: (size: number) => Amount,
): UnsignedPayment | undefined {
  const inputs = [...coins].sort(compareCoins)
  const weighInputs = inputs.reduce((sum, { output }) => sum + (inputWeight(output.scriptPubKey) ?? 0), 0)
  const weigh = (outputs: readonly TransactionOutput[]): number =>
    paymentWeight(inputs.length, weighInputs, outputs)
  const rest = sumOf(inputs.map(({ output }) => output)) - sumOf(kept)
  const withChange = [...kept, { value: 0n, scriptPubKey: changeScript }]
  const value = rest - feeFor(Math.ceil(weigh(withChange) / 4))
  const change = value >= dustLimit(changeScript) ? { value, scriptPubKey: changeScript } : undefined
  const isEnough = kept.length > 0 && rest >= feeFor(Math.ceil(weigh(kept) / 4))
  if (change === undefined && !isEnough) return undefined
  const outputs = [...kept, ...(change === undefined ? [] : [change])].sort(compareOutputs)
  const weight = weigh(outputs)
  return {
    transaction: {
      version: 2,
      inputs: inputs.map(({ outpoint }) => ({
        previousOutput: outpoint,
        scriptSig: new Uint8Array(),
        sequence: REPLACEABLE,
        witness: [],
      })),
      outputs,
      lockTime: 0,
    },
    spent: inputs.map(({ output }) => output),
    fee: rest - (change?.value ?? 0n),
    changeIndex: change === undefined ? undefined : outputs.indexOf(change),
    weight,
    virtualSize: Math.ceil(weight / 4),
  }
}

function sumOf(outputs: readonly TransactionOutput[]): Amount {
  return outputs.reduce((sum, { value }) => sum + value, 0n)
}

function compareCoins({ outpoint: a }: OwnCoin, { outpoint: b }: OwnCoin): number {
  const order = compareBytes(reverseBytes(a.txid), reverseBytes(b.txid))
  return order === 0 ? a.index - b.index : order
}

function compareOutputs(a: TransactionOutput, b: TransactionOutput): number {
  const order = compareAmounts(a.value, b.value)
  return order === 0 ? compareBytes(a.scriptPubKey, b.scriptPubKey) : order
}

function compareAmounts(a: Amount, b: Amount): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function feeAbsurd(fee: Amount, limit: Amount): WalletError {
  const message = `The fee would be ${formatAmount(fee)}, above the limit of ${formatAmount(limit)}.`
  return new WalletError('fee-absurd', message, { fee, limit })
}

function insufficientFunds(coins: readonly OwnCoin[]): WalletError {
  const available = sumOf(coins.map(({ output }) => output))
  const message = `The coins that can be spent are ${formatAmount(available)}, less than the payment and the higher fee that its replacement needs.`
  return new WalletError('insufficient-funds', message, { available })
}
