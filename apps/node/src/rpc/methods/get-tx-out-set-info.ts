/** `gettxoutsetinfo`: what all coins together are. */
import { rpcCodes } from '@chain/cli'
import { invariant } from '@chain/core/errors'
import { formatHash } from '@chain/core/primitives'
import { z } from 'zod'
import { type CoinTotals, sumCoins } from '../coin-totals.ts'
import type { RpcContext } from '../context.ts'
import { jsonAmount } from '../json-amount.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

export const getTxOutSetInfo: RpcMethod = defineMethod({
  name: 'gettxoutsetinfo',
  summary:
    'The number and worth of all unspent outputs, and with hash_type hash_serialized_3 (or none) their hash; reads all of them.',
  parameters: { hash_type: z.string().max(100).default('hash_serialized_3') },
  run: async ({ hash_type }, context, signal) => {
    if (hash_type !== 'hash_serialized_3' && hash_type !== 'none') {
      const message = `'${hash_type}' is not a valid hash_type: it is hash_serialized_3 or none.`
      throw new RpcError(rpcCodes.invalidParameter, 'hash-type-unknown', message)
    }
    const { chain, store } = context
    const held = store.holdCoins()
    try {
      const totals = await sumUnlessAborted(held.read(), hash_type !== 'none', signal)
      const node = held.tip === undefined ? undefined : chain.find(held.tip)
      invariant(node !== undefined, 'The coins are those after a block of the chain.')
      return { height: node.height, bestblock: formatHash(node.hash), ...totalsJson(totals, context) }
    } finally {
      held.release()
    }
  },
})

/** @throws {RpcError} `coin-totals-interrupted` when nobody waits for them any more */
async function sumUnlessAborted(
  ...[coins, isHashed, signal]: Parameters<typeof sumCoins>
): Promise<CoinTotals> {
  try {
    return await sumCoins(coins, isHashed, signal)
  } catch (error) {
    throw signal.aborted ? interrupted(error) : error
  }
}

function interrupted(cause: unknown): RpcError {
  const message = 'Adding the coins up was interrupted.'
  return new RpcError(rpcCodes.miscellaneous, 'coin-totals-interrupted', message, { cause })
}

function totalsJson(
  { coins, transactions, amount, bogosize, hash }: CoinTotals,
  { store }: RpcContext,
): Record<string, unknown> {
  return {
    txouts: coins,
    bogosize,
    ...(hash === undefined ? {} : { hash_serialized_3: formatHash(hash) }),
    total_amount: jsonAmount(amount),
    transactions,
    disk_size: store.coinBytes,
  }
}
