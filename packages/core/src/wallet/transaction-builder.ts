/**
 * Builds payments: coins in, outputs, fee and change, exact to the byte before anything is signed.
 *
 * Inputs and outputs stand in the order of BIP69, so that their places say nothing about which output is change.
 * Signing is `signer`'s; `payment-weight` foresees what it adds.
 *
 * Source: BIP69; BIP125 (inputs signal that the payment may be replaced); BIP141, "Transaction size calculations"
 */
import { type Bytes, compareBytes, reverseBytes } from '../bytes/index.ts'
import { invariant } from '../errors/index.ts'
import { computeFee, defaultPolicy, dustLimit, type FeeRate } from '../mempool/index.ts'
import type { OutPoint, Transaction, TransactionOutput } from '../primitives/index.ts'
import { classifyScript } from '../script/index.ts'
import { type Amount, COIN, formatAmount, type Height } from '../units/index.ts'
import { type CoinChoice, type Selection, selectCoins } from './coin-selection.ts'
import { WalletError } from './errors.ts'
import { inputWeight, paymentWeight } from './payment-weight.ts'

/** An output that the wallet can spend: P2WPKH or taproot. */
export interface SpendableCoin {
  readonly outpoint: OutPoint
  readonly output: TransactionOutput
}

/** A payment to be made. */
export interface PaymentRequest {
  /** The coins that may be spent; their order decides between equally good ones. */
  readonly coins: readonly SpendableCoin[]
  /** The outputs to pay: at least one. */
  readonly outputs: readonly TransactionOutput[]
  /** Where change goes. */
  readonly changeScript: Bytes
  readonly feeRate: FeeRate
  /** The most that may be paid as a fee; {@link DEFAULT_MAX_FEE} when absent. */
  readonly maxFee?: Amount
  /** Height before which the payment may not be mined, usually the tip's; 0 when absent. */
  readonly lockTime?: Height
}

/** A payment that still needs its signatures: inputs less outputs are the fee. */
export interface UnsignedPayment {
  /** Without witnesses. */
  readonly transaction: Transaction
  /** The outputs that the inputs spend, in their order. */
  readonly spent: readonly TransactionOutput[]
  readonly fee: Amount
  /** Position of the output for change, `undefined` when there is none. */
  readonly changeIndex: number | undefined
  /** Weight and virtual size that the transaction has once it is signed. */
  readonly weight: number
  readonly virtualSize: number
}

/** The highest fee that is paid without being asked for it: a tenth of a coin. */
export const DEFAULT_MAX_FEE: Amount = COIN / 10n

/** The highest fee rate that can be asked for: a tenth of a coin for 1,000 virtual bytes. */
export const MAX_FEE_RATE: FeeRate = COIN / 10n

/** Says that the payment may be replaced and that its lock time counts. Source: BIP125. */
const REPLACEABLE = 0xfffffffd

/**
 * Chooses coins and builds the transaction that pays `outputs`.
 *
 * @throws {WalletError} `amount-zero`, `amount-dust`, `insufficient-funds`, `fee-rate-out-of-range`, `fee-absurd`,
 *   `payment-too-large`
 */
export function buildPayment(request: PaymentRequest): UnsignedPayment {
  const { outputs, feeRate, changeScript, maxFee = DEFAULT_MAX_FEE } = request
  invariant(outputs.length > 0, 'A payment has an output.')
  for (const output of outputs) checkOutput(output)
  checkFeeRate(feeRate)
  const selection = select(request)
  checkFee(selection.fee, maxFee)
  const inputs = selection.chosen.map(({ coin }) => coin).sort(compareCoins)
  const change: TransactionOutput = { value: selection.change, scriptPubKey: changeScript }
  const paid = (selection.change === 0n ? [...outputs] : [...outputs, change]).sort(compareOutputs)
  const weight = paymentWeight(inputs.length, inputWeightOf(selection.chosen), paid)
  checkWeight(weight, inputs.length)
  return {
    transaction: {
      version: 2,
      inputs: inputs.map(({ outpoint }) => unsignedInput(outpoint)),
      outputs: paid,
      lockTime: request.lockTime ?? 0,
    },
    spent: inputs.map(({ output }) => output),
    fee: selection.fee,
    changeIndex: selection.change === 0n ? undefined : paid.indexOf(change),
    weight,
    virtualSize: Math.ceil(weight / 4),
  }
}

interface Choice extends CoinChoice {
  readonly coin: SpendableCoin
}

function select({ coins, outputs, changeScript, feeRate }: PaymentRequest): Selection<Choice> {
  let amount = 0n
  for (const { value } of outputs) amount += value
  const choices = coins.map((coin) => choiceOf(coin))
  const withChange = [...outputs, { value: 0n, scriptPubKey: changeScript }]
  const fee = (inputs: number, inputWeight: number, change: boolean): Amount =>
    feeOf(feeRate, paymentWeight(inputs, inputWeight, change ? withChange : outputs))
  const changeInputWeight = inputWeight(changeScript)
  invariant(changeInputWeight !== undefined, 'Change of a wallet is P2WPKH or taproot.')
  const minimumChange = dustLimit(changeScript)
  const selection = selectCoins({ choices, amount, fee, minimumChange, changeInputWeight })
  if (selection !== undefined) return selection
  const available = coins.reduce((sum, { output }) => sum + output.value, 0n)
  throw insufficientFunds(available, amount, fee(coins.length, inputWeightOf(choices), false))
}

function choiceOf(coin: SpendableCoin): Choice {
  const { value, scriptPubKey } = coin.output
  const weight = inputWeight(scriptPubKey)
  invariant(weight !== undefined, 'Coins of a wallet are P2WPKH or taproot.')
  return { coin, value, inputWeight: weight }
}

function inputWeightOf(choices: readonly Choice[]): number {
  return choices.reduce((sum, choice) => sum + choice.inputWeight, 0)
}

function feeOf(rate: FeeRate, weight: number): Amount {
  return computeFee(rate, Math.ceil(weight / 4))
}

function unsignedInput(previousOutput: OutPoint): Transaction['inputs'][number] {
  return { previousOutput, scriptSig: new Uint8Array(), sequence: REPLACEABLE, witness: [] }
}

/** By transaction id as it is written, then by index. Source: BIP69, "Transaction Inputs". */
function compareCoins({ outpoint: a }: SpendableCoin, { outpoint: b }: SpendableCoin): number {
  const order = compareBytes(reverseBytes(a.txid), reverseBytes(b.txid))
  return order === 0 ? a.index - b.index : order
}

/** By value, then by script. Source: BIP69, "Transaction Outputs". */
function compareOutputs(a: TransactionOutput, b: TransactionOutput): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1
  return compareBytes(a.scriptPubKey, b.scriptPubKey)
}

function checkOutput({ value, scriptPubKey }: TransactionOutput): void {
  if (classifyScript(scriptPubKey).type === 'null-data') return
  if (value <= 0n) throw new WalletError('amount-zero', 'The amount to pay must be above 0.', { value })
  const limit = dustLimit(scriptPubKey)
  if (value >= limit) return
  throw new WalletError(
    'amount-dust',
    `The amount ${formatAmount(value)} is too small to be relayed: at least ${formatAmount(limit)} is needed.`,
    { value, limit },
  )
}

function checkFeeRate(rate: FeeRate): void {
  const { minimumFeeRate } = defaultPolicy
  if (rate >= minimumFeeRate && rate <= MAX_FEE_RATE) return
  throw new WalletError(
    'fee-rate-out-of-range',
    `The fee rate must lie between ${minimumFeeRate / 1_000n} and ${MAX_FEE_RATE / 1_000n} base units per virtual byte.`,
    { rate },
  )
}

function checkWeight(weight: number, inputs: number): void {
  const limit = defaultPolicy.maxWeight
  if (weight <= limit) return
  throw new WalletError(
    'payment-too-large',
    `The payment would spend ${inputs} coins, more than fit into one transaction: pay a smaller amount at a time.`,
    { inputs, weight, limit },
  )
}

/** Checks that a fee is one that anybody means. @throws {WalletError} `fee-absurd` above the limit, `insufficient-funds` below 0 */
export function checkFee(fee: Amount, limit: Amount): void {
  if (fee < 0n) {
    const message = `The coins that are spent lack ${formatAmount(-fee)} of what is paid.`
    throw new WalletError('insufficient-funds', message, { fee })
  }
  if (fee <= limit) return
  const message = `The fee would be ${formatAmount(fee)}, above the limit of ${formatAmount(limit)}: choose a lower fee rate.`
  throw new WalletError('fee-absurd', message, { fee, limit })
}

function insufficientFunds(available: Amount, amount: Amount, fee: Amount): WalletError {
  return new WalletError(
    'insufficient-funds',
    `The coins that can be spent are ${formatAmount(available)}, less than the amount of ${formatAmount(amount)} and a fee of about ${formatAmount(fee)}.`,
    { available, amount, fee },
  )
}
