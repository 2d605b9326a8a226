/**
 * Plans a payment of the wallet: which coins, which change, which fee. Nothing is signed or sent.
 */
import { type Bytes, bytesKey, equalBytes } from '@chain/core/bytes'
import type { FeeRate } from '@chain/core/mempool'
import type { Txid } from '@chain/core/primitives'
import type { Amount, Height } from '@chain/core/units'
import { type Account, buildPayment, type UnsignedPayment, WalletError } from '@chain/core/wallet'
import type { Ledger, OwnCoin } from './light-client/ledger.ts'

/** What is to be paid. */
export interface PaymentPlan {
  /** The output script of whom to pay. */
  readonly script: Bytes
  readonly amount: Amount
  readonly feeRate: FeeRate
  /** Spend only coins of this output script. */
  readonly from?: Bytes | undefined
  /** The most that may be paid as a fee; as `buildPayment` when absent. */
  readonly maxFee?: Amount | undefined
  /** Own payments whose change is not spent although it waits, since no peer takes them. */
  readonly refused?: readonly Txid[] | undefined
}

/**
 * Chooses mined coins; where they are not enough, change of own payments that wait to be mined as well.
 *
 * @param tip - height of the chain's end
 * @throws {WalletError} as `buildPayment`
 */
export function planPayment(
  account: Account,
  ledger: Ledger,
  tip: Height,
  { script, amount, feeRate, from, maxFee, refused = [] }: PaymentPlan,
): UnsignedPayment {
  const mayPay = ({ output }: OwnCoin): boolean => from === undefined || equalBytes(output.scriptPubKey, from)
  const confirmed = ledger.confirmedCoins(tip).filter(mayPay)
  const avoided = new Set(refused.map(bytesKey))
  const pending = ledger
    .pendingCoins()
    .filter((coin) => mayPay(coin) && !avoided.has(bytesKey(coin.outpoint.txid)))
  const request = {
    outputs: [{ value: amount, scriptPubKey: script }],
    changeScript: account.script(ledger.nextUnused('change')),
    feeRate,
    ...(maxFee === undefined ? {} : { maxFee }),
  }
  try {
    return buildPayment({ ...request, coins: confirmed })
  } catch (error) {
    const isShort = error instanceof WalletError && error.code === 'insufficient-funds'
    if (!isShort || pending.length === 0) throw error
    return buildPayment({ ...request, coins: [...confirmed, ...pending] })
  }
}
