import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkInputs, checkTransaction, loadNetwork, verifySignature } from '../../src/consensus/index.ts'
import { checkPolicy, computeFee, defaultPolicy, dustLimit } from '../../src/mempool/index.ts'
import {
  decodeTransaction,
  encodeTransaction,
  transactionWeight,
  virtualSize,
} from '../../src/primitives/index.ts'
import {
  buildPayment,
  MAX_FEE_RATE,
  signPayment,
  type UnsignedPayment,
  WalletError,
} from '../../src/wallet/index.ts'
import { fuzzRuns, fuzzTimeout } from '../arbitraries/mutations.ts'
import { changeScript, changeScripts, findPrivateKey, paidOutputs, spendableCoins } from './payments.ts'

const { consensus } = loadNetwork('regtest')
const { header } = consensus.genesis
const genesis = { hash: new Uint8Array(32), header, height: 0, parent: undefined, ancestor: () => genesis }

function tryBuild(...[request]: Parameters<typeof buildPayment>): UnsignedPayment | undefined {
  try {
    return buildPayment(request)
  } catch (error) {
    expect(error).toBeInstanceOf(WalletError)
    expect((error as WalletError).code).toBe('insufficient-funds')
    return undefined
  }
}

const feeRates = fc.oneof(
  fc.bigInt({ min: 1_000n, max: 50_000n }),
  fc.bigInt({ min: 1_000n, max: MAX_FEE_RATE }),
)

describe('payments from P2WPKH and taproot coins', () => {
  it(
    'balance, are worth relaying, have the foreseen size, and their signatures are right',
    () => {
      const law = fc.property(
        spendableCoins(8),
        paidOutputs,
        changeScripts,
        feeRates,
        (coins, outputs, changeScript, feeRate) => {
          const payment = tryBuild({ coins, outputs, changeScript, feeRate })
          if (payment === undefined) return
          const signed = decodeTransaction(encodeTransaction(signPayment(payment, findPrivateKey)))
          checkTransaction(signed)
          checkPolicy(signed, defaultPolicy)
          const spent = payment.spent.map((output) => ({ output, height: 0, isCoinbase: false }))
          const { fee, checks } = checkInputs(consensus, signed, spent, genesis)
          expect(fee).toBe(payment.fee)
          expect(checks.every(verifySignature)).toBe(true)
          expect(transactionWeight(signed)).toBe(payment.weight)
          expect(virtualSize(signed)).toBe(payment.virtualSize)
          if (payment.changeIndex !== undefined) {
            expect(signed.outputs[payment.changeIndex]?.scriptPubKey).toEqual(changeScript)
          }
          for (const output of outputs) expect(signed.outputs).toContainEqual(output)
          expect(signed.outputs).toHaveLength(outputs.length + (payment.changeIndex === undefined ? 0 : 1))
        },
      )
      fc.assert(law, { numRuns: Math.max(100, fuzzRuns / 10) })
    },
    fuzzTimeout,
  )

  it(
    'pay the exact fee of their size, and no more than an output for change would have cost beyond it',
    () => {
      const law = fc.property(
        spendableCoins(40),
        paidOutputs,
        changeScripts,
        feeRates,
        (coins, outputs, changeScript, feeRate) => {
          const payment = tryBuild({ coins, outputs, changeScript, feeRate })
          if (payment === undefined) return
          const { fee, virtualSize: size, changeIndex } = payment
          const exact = computeFee(feeRate, size)
          if (changeIndex !== undefined) {
            expect(fee).toBe(exact)
            return
          }
          // An output has 8 bytes of amount and one of length before its script.
          const withChange = computeFee(feeRate, size + 8 + 1 + changeScript.length)
          expect(fee).toBeGreaterThanOrEqual(exact)
          expect(fee).toBeLessThan(withChange + dustLimit(changeScript))
        },
      )
      fc.assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  it(
    'never cost much more than the cheapest single coin that is enough',
    () => {
      const law = fc.property(
        spendableCoins(40),
        paidOutputs,
        changeScripts,
        feeRates,
        (coins, outputs, changeScript, feeRate) => {
          const payment = tryBuild({ coins, outputs, changeScript, feeRate })
          if (payment === undefined) return
          // Making change and spending it, and the difference between inputs of the two kinds.
          const size = 8 + 1 + changeScript.length + 68 + 11
          for (const coin of coins) {
            const single = tryBuild({ coins: [coin], outputs, changeScript, feeRate })
            if (single === undefined) continue
            const limit = single.fee + computeFee(feeRate, size) + dustLimit(changeScript)
            expect(payment.fee).toBeLessThanOrEqual(limit)
          }
        },
      )
      fc.assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )

  it(
    'are refused when the fee would be absurd',
    () => {
      const maxFees = fc.bigInt({ min: 0n, max: 20_000n })
      const law = fc.property(
        spendableCoins(20),
        paidOutputs,
        feeRates,
        maxFees,
        (coins, outputs, feeRate, maxFee) => {
          const request = { coins, outputs, changeScript, feeRate }
          const payment = tryBuild(request)
          if (payment === undefined) return
          if (payment.fee <= maxFee) expect(buildPayment({ ...request, maxFee })).toEqual(payment)
          else {
            expect(() => buildPayment({ ...request, maxFee })).toThrow(
              expect.objectContaining({ code: 'fee-absurd' }),
            )
          }
        },
      )
      fc.assert(law, { numRuns: fuzzRuns })
    },
    fuzzTimeout,
  )
})
