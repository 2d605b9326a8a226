import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkInputs, checkTransaction, loadNetwork, verifySignature } from '../../src/consensus/index.ts'
import { checkPolicy, defaultPolicy, dustLimit } from '../../src/mempool/index.ts'
import {
  decodeTransaction,
  encodeTransaction,
  transactionWeight,
  virtualSize,
} from '../../src/primitives/index.ts'
import { buildPayment, signPayment, type UnsignedPayment, WalletError } from '../../src/wallet/index.ts'
import { changeScript, findPrivateKey, paidOutputs, spendableCoins } from './payments.ts'

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

describe('payments', () => {
  it('balance, are worth relaying, have the foreseen size, and their signatures are right', () => {
    const feeRates = fc.bigInt({ min: 1_000n, max: 50_000n })
    fc.assert(
      fc.property(spendableCoins(8), paidOutputs, feeRates, (coins, outputs, feeRate) => {
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
        const exact = (feeRate * BigInt(payment.virtualSize) + 999n) / 1_000n
        if (payment.changeIndex === undefined) {
          const changeCost = (feeRate * 31n) / 1_000n + 1n
          expect(fee).toBeGreaterThanOrEqual(exact)
          expect(fee).toBeLessThan(exact + changeCost + dustLimit(changeScript))
        } else {
          expect(fee).toBe(exact)
          expect(signed.outputs[payment.changeIndex]?.scriptPubKey).toEqual(changeScript)
        }
        for (const output of outputs) expect(signed.outputs).toContainEqual(output)
        expect(signed.outputs).toHaveLength(outputs.length + (payment.changeIndex === undefined ? 0 : 1))
      }),
      { numRuns: 60 },
    )
  })
})
