/** Finds the payment that a command is about. */
import { formatHash, type Txid } from '@chain/core/primitives'
import { paymentMined, paymentUnknown } from '../errors.ts'
import type { Ledger, LedgerEntry } from '../light-client/ledger.ts'

/**
 * The payment of this id, which must wait to be mined.
 *
 * @param name - the wallet's
 * @throws {OperationalError} `payment-unknown`, `payment-mined`
 */
export function waitingPayment(ledger: Ledger, id: Txid, name: string): LedgerEntry {
  const entry = ledger.find(id)
  if (entry === undefined) throw paymentUnknown(formatHash(id), name)
  if (entry.mined !== undefined) throw paymentMined(formatHash(id), entry.mined.height)
  return entry
}
