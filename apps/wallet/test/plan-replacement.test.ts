import { computeFee, computeFeeRate, dustLimit } from '@chain/core/mempool'
import { outpointKey, type Transaction, transactionWeight, txid } from '@chain/core/primitives'
import { signPayment, type UnsignedPayment } from '@chain/core/wallet'
import fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import { Ledger, type LedgerEntry } from '../src/light-client/ledger.ts'
import { planPayment } from '../src/plan-payment.ts'
import { planReplacement, type ReplacementPlan } from '../src/plan-replacement.ts'
import { account, elsewhere, ours, outputOf, pay, theirs } from './light-client/transactions.ts'

let ledger: Ledger

beforeEach(() => {
  ledger = new Ledger(account, 10)
})

/** Mines coins of these values for the wallet. */
function fund(...values: readonly number[]): Transaction {
  const funding = pay(
    [elsewhere(values.length)],
    values.map((value, index) => [value, ours(index % 10)]),
  )
  ledger.connect({ height: 1, time: 1, transactions: [funding] })
  return funding
}

/** Records a signed payment to somebody else. */
function send(amount: number, feeRate = 2_000n): LedgerEntry & { fee: bigint } {
  const unsigned = planPayment(account, ledger, 1, { script: theirs, amount: BigInt(amount), feeRate })
  const transaction = sign(unsigned)
  ledger.addPending(transaction, 1)
  return { ...(ledger.find(txid(transaction)) as LedgerEntry), fee: unsigned.fee }
}

function sign(payment: UnsignedPayment): Transaction {
  return signPayment(payment, (script) => {
    const place = ledger.placeOf(script)
    return place === undefined ? undefined : account.privateKey(place)
  })
}

function replace(entry: LedgerEntry, changes: Partial<ReplacementPlan> = {}): UnsignedPayment {
  return planReplacement(account, ledger, 1, entry, { cancel: false, feeRate: 1_000n, ...changes })
}

/** In virtual bytes. */
function sizeOf(transaction: Transaction): number {
  return Math.ceil(transactionWeight(transaction) / 4)
}

function coinsOf({ inputs }: Transaction): string[] {
  return inputs.map(({ previousOutput }) => outpointKey(previousOutput))
}

it('a replacement pays the same, spends the same coins, and takes its fee from the change', () => {
  fund(100_000)
  const entry = send(40_000)
  const { transaction, fee, changeIndex } = replace(entry)
  expect(coinsOf(transaction)).toEqual(coinsOf(entry.transaction))
  expect(transaction.outputs).toContainEqual({ value: 40_000n, scriptPubKey: theirs })
  expect(transaction.outputs[changeIndex ?? -1]?.value).toBe(60_000n - fee)
  expect(fee).toBe(entry.fee + 141n)
})

it('a mined coin is added where the coins of the payment do not cover the higher fee', () => {
  fund(50_000, 30_000)
  const entry = send(49_700)
  expect(entry.transaction.inputs).toHaveLength(1)
  const { transaction } = replace(entry, { feeRate: 20_000n })
  expect(transaction.inputs).toHaveLength(2)
  expect(coinsOf(transaction)).toEqual(expect.arrayContaining(coinsOf(entry.transaction)))
})

it('there may be too little left for a higher fee', () => {
  fund(50_000)
  const entry = send(49_700)
  expect(() => replace(entry, { feeRate: 20_000n })).toThrow(
    expect.objectContaining({ code: 'insufficient-funds' }) as Error,
  )
})

it('a cancelled payment leaves one output, to the wallet', () => {
  fund(50_000)
  const { transaction, fee } = replace(send(49_700), { cancel: true })
  expect(transaction.outputs).toHaveLength(1)
  expect(ledger.placeOf(transaction.outputs[0]?.scriptPubKey as Uint8Array)?.branch).toBe('change')
  expect(transaction.outputs[0]?.value).toBe(50_000n - fee)
})

it('a fee above the limit is refused', () => {
  fund(100_000)
  expect(() => replace(send(40_000), { maxFee: 300n })).toThrow(
    expect.objectContaining({ code: 'fee-absurd' }) as Error,
  )
})

it('a payment that others pay with, or that was spent from, is not replaced', () => {
  const funding = fund(100_000)
  const shared = pay([outputOf(funding), elsewhere(9)], [[1_000, theirs]])
  ledger.addPending(shared, 1)
  expect(() => replace(ledger.find(txid(shared)) as LedgerEntry)).toThrow(
    expect.objectContaining({ code: 'payment-not-own' }) as Error,
  )
  ledger.removePending(txid(shared))
  const first = send(40_000)
  send(10_000)
  expect(() => replace(first)).toThrow(expect.objectContaining({ code: 'payment-built-on' }) as Error)
})

it('nodes take every replacement: it spends all coins again and pays more, in all and for each byte', () => {
  const values = fc.array(fc.integer({ min: 1_000, max: 1_000_000 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      values,
      fc.nat(99),
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      (coins, share, rate, cancel) => {
        ledger = new Ledger(account, 10)
        fund(...coins)
        const total = coins.reduce((sum, value) => sum + value, 0)
        const amount = Math.floor((total * share) / 100)
        if (BigInt(amount) < dustLimit(theirs) || amount + 1_500 > total) return
        const entry = send(amount, 1_000n)
        const payment = tryReplace(entry, { cancel, feeRate: BigInt(rate) * 1_000n })
        if (payment === undefined) return
        const signed = sign(payment)
        const size = sizeOf(signed)
        expect(coinsOf(signed)).toEqual(expect.arrayContaining(coinsOf(entry.transaction)))
        expect(payment.fee).toBeGreaterThanOrEqual(entry.fee + computeFee(1_000n, size))
        expect(computeFeeRate(payment.fee, size)).toBeGreaterThan(
          computeFeeRate(entry.fee, sizeOf(entry.transaction)),
        )
        const paid = payment.transaction.outputs.reduce((sum, { value }) => sum + value, 0n)
        const spent = payment.spent.reduce((sum, { value }) => sum + value, 0n)
        expect(spent - paid).toBe(payment.fee)
      },
    ),
  )
})

function tryReplace(entry: LedgerEntry, changes: Partial<ReplacementPlan>): UnsignedPayment | undefined {
  try {
    return replace(entry, changes)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'insufficient-funds') return undefined
    throw error
  }
}
