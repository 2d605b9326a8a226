/**
 * Transactions that clients give in hexadecimal.
 */
import { rpcCodes } from '@chain/cli'
import { fromHex } from '@chain/core/bytes'
import { ChainError } from '@chain/core/errors'
import { decodeTransaction, type Transaction } from '@chain/core/primitives'
import { z } from 'zod'
import { RpcError } from './rpc-error.ts'

/** Longest transaction in hexadecimal digits: what fits into a block. */
const MAX_HEX_LENGTH = 8_000_000

/** The text of a transaction, not decoded yet. */
export const transactionHexParameter: z.ZodType<string> = z.string().max(MAX_HEX_LENGTH)

/** @throws {RpcError} `transaction-undecodable` */
export function decodeTransactionHex(hex: string): Transaction {
  try {
    return decodeTransaction(fromHex(hex))
  } catch (cause) {
    throw cause instanceof ChainError ? undecodable(cause) : cause
  }
}

function undecodable(cause: ChainError): RpcError {
  const message = `TX decode failed: ${cause.message}`
  return new RpcError(rpcCodes.undecodable, 'transaction-undecodable', message, { cause })
}
