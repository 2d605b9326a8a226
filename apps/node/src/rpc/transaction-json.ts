/**
 * Transactions as JSON, with Bitcoin Core's field names.
 *
 * Source: Bitcoin Core, `TxToUniv`
 */
import { toHex } from '@chain/core/bytes'
import {
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
import { jsonAmount } from './json-amount.ts'
import { disassemble, scriptJson } from './script-json.ts'

/** A transaction; `prefix` is the network's address prefix. */
export function transactionJson(transaction: Transaction, prefix: string): Record<string, unknown> {
  const coinbase = isCoinbase(transaction)
  return {
    txid: formatHash(txid(transaction)),
    hash: formatHash(wtxid(transaction)),
    version: transaction.version,
    size: transactionLength(transaction),
    vsize: virtualSize(transaction),
    weight: transactionWeight(transaction),
    locktime: transaction.lockTime,
    vin: transaction.inputs.map((input) => inputJson(input, coinbase)),
    vout: transaction.outputs.map(({ value, scriptPubKey }, n) => ({
      value: jsonAmount(value),
      n,
      scriptPubKey: scriptJson(scriptPubKey, prefix),
    })),
    hex: toHex(encodeTransaction(transaction)),
  }
}

function inputJson(input: TransactionInput, coinbase: boolean): Record<string, unknown> {
  const { previousOutput, scriptSig, witness, sequence } = input
  const hex = toHex(scriptSig)
  const source = coinbase
    ? { coinbase: hex }
    : {
        txid: formatHash(previousOutput.txid),
        vout: previousOutput.index,
        scriptSig: { asm: disassemble(scriptSig), hex },
      }
  return { ...source, ...(witness.length > 0 ? { txinwitness: witness.map(toHex) } : {}), sequence }
}
