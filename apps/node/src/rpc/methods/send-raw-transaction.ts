/** `sendrawtransaction`: hands a signed transaction to the network. */

import { rpcCodes } from '@chain/cli'
import { computeFeeRate, type MempoolOutcome } from '@chain/core/mempool'
import { formatHash, formatOutPoint, type Transaction, txid, virtualSize } from '@chain/core/primitives'
import { COIN, parseAmount } from '@chain/core/units'
import { z } from 'zod'
import type { RpcContext } from '../context.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { decodeTransactionHex, transactionHexParameter } from '../transaction-hex.ts'

export const sendRawTransaction: RpcMethod = defineMethod({
  name: 'sendrawtransaction',
  summary: 'Checks a signed transaction, keeps it until a block holds it, and passes it on; gives its id.',
  parameters: {
    hexstring: transactionHexParameter,
    maxfeerate: z.union([z.number().min(0), z.string()]).default('0.10000000'),
  },
  run: async ({ hexstring, maxfeerate }, context) => {
    const transaction = decodeTransactionHex(hexstring)
    const id = txid(transaction)
    if (isInChain(transaction, context)) {
      throw new RpcError(
        rpcCodes.alreadyInChain,
        'transaction-in-chain',
        'The transaction stands in a block already.',
      )
    }
    const limit = parseAmount(typeof maxfeerate === 'string' ? maxfeerate : maxfeerate.toFixed(8))
    refuseHighFee(transaction, limit, context)
    const outcome = await context.mempool.accept(transaction)
    refuseUnlessAccepted(outcome)
    if (outcome.status === 'accepted') context.mempool.addUnbroadcast(id)
    return formatHash(id)
  },
})

/** Whether an output of the transaction is a coin already. Those that were spent since cannot be told. */
function isInChain(transaction: Transaction, { chain }: RpcContext): boolean {
  const id = txid(transaction)
  return transaction.outputs.some((_, index) => chain.readCoin({ txid: id, index }) !== undefined)
}

/** @throws {RpcError} `fee-above-limit`; a limit of 0 allows every fee */
function refuseHighFee(transaction: Transaction, limit: bigint, { chain, mempool }: RpcContext): void {
  if (limit === 0n) return
  let fee = -transaction.outputs.reduce((sum, { value }) => sum + value, 0n)
  for (const { previousOutput } of transaction.inputs) {
    const waiting = mempool.get(previousOutput.txid)?.transaction.outputs[previousOutput.index]
    const output = waiting ?? chain.readCoin(previousOutput)?.output
    // The mempool says more about what is missing.
    if (output === undefined) return
    fee += output.value
  }
  const rate = computeFeeRate(fee, virtualSize(transaction))
  if (rate <= limit) return
  const message = `Fee exceeds maximum: ${rate} base units per 1,000 virtual bytes are above ${limit} (maxfeerate ${Number(limit) / Number(COIN)}).`
  throw new RpcError(rpcCodes.verifyError, 'fee-above-limit', message)
}

function refuseUnlessAccepted(outcome: MempoolOutcome): void {
  if (outcome.status === 'missing-inputs') {
    const missing = outcome.missing.map(formatOutPoint).join(', ')
    const message = `bad-txns-inputs-missingorspent: these outputs do not exist or are spent: ${missing}.`
    throw new RpcError(rpcCodes.verifyError, 'transaction-inputs-missing', message)
  }
  if (outcome.status === 'refused') {
    const { code, message, rule } = outcome.error
    throw new RpcError(rpcCodes.verifyRejected, code, `${rule.reason}: ${message}`, { cause: outcome.error })
  }
}
