/** `decoderawtransaction`: what a transaction says. */
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { decodeTransactionHex, transactionHexParameter } from '../transaction-hex.ts'
import { transactionJson } from '../transaction-json.ts'

export const decodeRawTransaction: RpcMethod = defineMethod({
  name: 'decoderawtransaction',
  summary: 'A transaction that is given in hexadecimal, as JSON. Nothing is checked but its encoding.',
  // Bitcoin Core's `iswitness` tells how to read what can be read in two ways: of our encoding nothing can.
  parameters: { hexstring: transactionHexParameter, iswitness: z.boolean().optional() },
  run: ({ hexstring }, { chain }) => {
    const { hex: _, ...transaction } = transactionJson(
      decodeTransactionHex(hexstring),
      chain.spec.addressPrefix,
    )
    return transaction
  },
})
