import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/index.ts'
import { formatHash } from '../../src/primitives/index.ts'
import { nullDataScript, p2trScript, p2wpkhScript } from '../../src/script/index.ts'
import { COIN } from '../../src/units/index.ts'
import { buildPayment, type PaymentRequest, type SpendableCoin } from '../../src/wallet/index.ts'
import { account, changeScript, taprootAccount } from './payments.ts'

const own = account.script({ branch: 'receive', index: 0 })
const theirs = p2wpkhScript(new Uint8Array(20).fill(1))

function coin(value: bigint, byte = 1, index = 0): SpendableCoin {
  return {
    outpoint: { txid: new Uint8Array(32).fill(byte), index },
    output: { value, scriptPubKey: own },
  }
}

function request(changes: Partial<PaymentRequest> = {}): PaymentRequest {
  return {
    coins: [coin(COIN)],
    outputs: [{ value: COIN / 2n, scriptPubKey: theirs }],
    changeScript,
    feeRate: 1_000n,
    ...changes,
  }
}

describe('building a payment', () => {
  it('pays what was asked, the exact fee, and change', () => {
    const payment = buildPayment(request())
    // 10.5 for the frame, 67.75 for the input, 31 for each output: Bitcoin Core says 141 as well.
    expect(payment.virtualSize).toBe(141)
    expect(payment.fee).toBe(141n)
    const values = payment.transaction.outputs.map(({ value }) => value)
    expect(values).toEqual([COIN / 2n - 141n, COIN / 2n])
    expect(payment.changeIndex).toBe(0)
  })

  it('knows the size of taproot inputs, alone and among others', () => {
    const taproot = (index: number): SpendableCoin => ({
      outpoint: { txid: new Uint8Array(32).fill(7), index },
      output: { value: COIN, scriptPubKey: taprootAccount.script({ branch: 'receive', index }) },
    })
    // 10.5 for the frame, 57.5 for a taproot input, 31 for each output.
    expect(buildPayment(request({ coins: [taproot(0)] })).weight).toBe(42 + 230 + 2 * 124)
    const outputs = [{ value: COIN + COIN / 2n, scriptPubKey: theirs }]
    const mixed = buildPayment(request({ coins: [taproot(0), coin(COIN)], outputs }))
    expect(mixed.weight).toBe(42 + 230 + 271 + 2 * 124)
    expect(mixed.fee).toBe(BigInt(mixed.virtualSize))
  })

  it('takes the fee rate to the unit', () => {
    expect(buildPayment(request({ feeRate: 1_500n })).fee).toBe(212n)
  })

  it('has no change where the coins match', () => {
    const payment = buildPayment(request({ outputs: [{ value: COIN - 110n, scriptPubKey: theirs }] }))
    expect(payment.changeIndex).toBeUndefined()
    expect(payment.transaction.outputs).toHaveLength(1)
    expect(payment.fee).toBe(110n)
  })

  it('lets itself be replaced, and carries the lock time', () => {
    const { transaction } = buildPayment(request({ lockTime: 77 }))
    expect(transaction).toMatchObject({ version: 2, lockTime: 77 })
    expect(transaction.inputs[0]?.sequence).toBe(0xfffffffd)
  })

  it('carries data without value', () => {
    const output = { value: 0n, scriptPubKey: nullDataScript(new Uint8Array(80)) }
    expect(buildPayment(request({ outputs: [output] })).transaction.outputs).toContainEqual(output)
  })

  it('puts inputs and outputs in order', () => {
    const coins = [coin(600n, 2, 1), coin(600n, 2, 0), coin(600n, 1, 5)]
    const outputs = [
      { value: 500n, scriptPubKey: p2trScript(new Uint8Array(32)) },
      { value: 500n, scriptPubKey: theirs },
      { value: 400n, scriptPubKey: theirs },
    ]
    const { transaction } = buildPayment(
      request({ coins, outputs: [{ value: 1_500n, scriptPubKey: theirs }] }),
    )
    const inputs = transaction.inputs.map(
      ({ previousOutput: { txid, index } }) => `${formatHash(txid).slice(0, 2)}:${index}`,
    )
    expect(inputs).toEqual(['01:5', '02:0', '02:1'])
    const built = buildPayment(request({ outputs })).transaction.outputs.map(
      ({ value, scriptPubKey }) => `${value}:${toHex(scriptPubKey).slice(0, 4)}`,
    )
    expect(built.slice(0, 3)).toEqual(['400:0014', '500:0014', '500:5120'])
  })

  it('orders inputs by the text of their transaction ids, as BIP69 does', () => {
    const ids = [
      'ff00000000000000000000000000000000000000000000000000000000000001',
      '0100000000000000000000000000000000000000000000000000000000000002',
    ]
    const coins = ids.map((id) => ({
      outpoint: { txid: fromHex(id), index: 0 },
      output: { value: 1_000n, scriptPubKey: own },
    }))
    const { transaction } = buildPayment(
      request({ coins, outputs: [{ value: 1_500n, scriptPubKey: theirs }] }),
    )
    expect(transaction.inputs.map(({ previousOutput }) => toHex(previousOutput.txid))).toEqual(ids)
  })
})

describe('a payment that cannot be made', () => {
  it('names all three amounts when the coins do not cover it', () => {
    expect(() => buildPayment(request({ outputs: [{ value: COIN, scriptPubKey: theirs }] }))).toThrow(
      expect.objectContaining({
        code: 'insufficient-funds',
        message:
          'The coins that can be spent are 1.00000000, less than the amount of 1.00000000 and a fee of about 0.00000110.',
        data: { available: COIN, amount: COIN, fee: 110n },
      }),
    )
    expect(() => buildPayment(request({ coins: [] }))).toThrow(
      expect.objectContaining({ code: 'insufficient-funds' }),
    )
  })

  it.each([
    ['nothing is paid', { outputs: [{ value: 0n, scriptPubKey: theirs }] }, 'amount-zero'],
    ['less than nothing is paid', { outputs: [{ value: -1n, scriptPubKey: theirs }] }, 'amount-zero'],
    ['dust is paid', { outputs: [{ value: 293n, scriptPubKey: theirs }] }, 'amount-dust'],
    ['the fee rate is too low', { feeRate: 999n }, 'fee-rate-out-of-range'],
    ['the fee rate is too high', { feeRate: COIN / 10n + 1n }, 'fee-rate-out-of-range'],
    ['the fee is above its limit', { maxFee: 140n }, 'fee-absurd'],
  ] as const)('is refused when %s', (_, changes, code) => {
    expect(() => buildPayment(request(changes))).toThrow(expect.objectContaining({ code }))
  })

  it('is refused when it needs more coins than fit into a transaction', () => {
    const coins = Array.from({ length: 1_500 }, (_, index) => coin(1_000n, 1, index))
    const outputs = [{ value: 1_390_000n, scriptPubKey: theirs }]
    expect(() => buildPayment(request({ coins, outputs }))).toThrow(
      expect.objectContaining({ code: 'payment-too-large' }),
    )
  })
})
