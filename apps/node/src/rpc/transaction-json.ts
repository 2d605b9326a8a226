/**
 * Transactions as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `TxToUniv`
 */
import { type Bytes, toHex } from '@chain/core/bytes'
import {
  type Coin,
  encodeTransaction,
  formatHash,
  isCoinbase,
  type Transaction,
  type TransactionInput,
  transactionLength,
  transactionWeight,
  txid,
  virtualSize,
  wtxid,
} from '@chain/core/primitives'
import type { Amount } from '@chain/core/units'
import { jsonAmount } from './json-amount.ts'
import { disassemble, scriptJson } from './script-json.ts'

/** The coins that a transaction spends, where they are to be shown. */
export interface SpentCoins {
  /** In the order of the inputs. */
  readonly coins: readonly Coin[]
  /** Whether each is shown, or only the fee that follows from them. */
  readonly isShown: boolean
}

/** A transaction; `prefix` is the network's address prefix. A coinbase spends nothing. */
export function transactionJson(
  transaction: Transaction,
  prefix: string,
  spent?: SpentCoins,
): Record<string, unknown> {
  const coinbase = isCoinbase(transaction)
  const shown = spent?.isShown === true ? spent.coins : []
  return {
    txid: formatHash(txid(transaction)),
    hash: formatHash(wtxid(transaction)),
    version: transaction.version,
    size: transactionLength(transaction),
    vsize: virtualSize(transaction),
    weight: transactionWeight(transaction),
    locktime: transaction.lockTime,
    vin: transaction.inputs.map((input, index) => ({
      ...(coinbase ? coinbaseJson(input) : inputJson(input)),
      ...previousOutputJson(shown[index], prefix),
      sequence: input.sequence,
    })),
    vout: transaction.outputs.map(({ value, scriptPubKey }, n) => ({
      value: jsonAmount(value),
      n,
      scriptPubKey: scriptJson(scriptPubKey, prefix),
    })),
    ...(spent === undefined || coinbase ? {} : { fee: jsonAmount(feeOf(transaction, spent)) }),
    hex: toHex(encodeTransaction(transaction)),
  }
}

function coinbaseJson({ scriptSig, witness }: TransactionInput): Record<string, unknown> {
  return { coinbase: toHex(scriptSig), ...witnessJson(witness) }
}

function inputJson({ previousOutput, scriptSig, witness }: TransactionInput): Record<string, unknown> {
  return {
    txid: formatHash(previousOutput.txid),
    vout: previousOutput.index,
    scriptSig: { asm: disassemble(scriptSig), hex: toHex(scriptSig) },
    ...witnessJson(witness),
  }
}

function witnessJson(witness: readonly Bytes[]): Record<string, unknown> {
  return witness.length > 0 ? { txinwitness: witness.map(toHex) } : {}
}

function previousOutputJson(coin: Coin | undefined, prefix: string): Record<string, unknown> {
  if (coin === undefined) return {}
  const { output, height, isCoinbase: generated } = coin
  const value = jsonAmount(output.value)
  return { prevout: { generated, height, value, scriptPubKey: scriptJson(output.scriptPubKey, prefix) } }
}

function feeOf({ outputs }: Transaction, { coins }: SpentCoins): Amount {
  const given = coins.reduce((sum, { output }) => sum + output.value, 0n)
  return outputs.reduce((rest, { value }) => rest - value, given)
}
