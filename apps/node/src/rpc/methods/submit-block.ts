/** `submitblock`: hands in a block that was mined elsewhere. */

import { rpcCodes } from '@chain/cli'
import { fromHex } from '@chain/core/bytes'
import type { BlockOutcome } from '@chain/core/chain'
import { ChainError } from '@chain/core/errors'
import { type Block, decodeBlock } from '@chain/core/primitives'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

/** Longest block in hexadecimal digits. */
const MAX_HEX_LENGTH = 8_000_000

export const submitBlock: RpcMethod = defineMethod({
  name: 'submitblock',
  summary: 'Hands in a block; gives null when it is the new tip, else the reason why it is not.',
  parameters: { hexdata: z.string().max(MAX_HEX_LENGTH), dummy: z.string().max(100).optional() },
  run: async ({ hexdata }, { chain }) => reasonOf(await chain.acceptBlock(decode(hexdata))),
})

function decode(hex: string): Block {
  try {
    return decodeBlock(fromHex(hex))
  } catch (cause) {
    throw cause instanceof ChainError ? undecodable(cause) : cause
  }
}

function undecodable(cause: ChainError): RpcError {
  const message = `Block decode failed: ${cause.message}`
  return new RpcError(rpcCodes.undecodable, 'block-undecodable', message, { cause })
}

/** Source: BIP22, "Rejection reasons"; Bitcoin Core, `submitblock` */
function reasonOf(outcome: BlockOutcome): string | null {
  switch (outcome.status) {
    case 'connected':
      return null
    case 'duplicate':
      return 'duplicate'
    case 'missing-parent':
      return 'prev-blk-not-found'
    case 'invalid':
      return outcome.error.rule.reason
    default:
      return 'inconclusive'
  }
}
