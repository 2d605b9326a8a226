/** `dhtget`: gets a value from the hash table. */
import { rpcCodes } from '@chain/cli'
import { z } from 'zod'
import { hashTableOf, valueJson } from '../hash-table-parameters.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

export const dhtGet: RpcMethod = defineMethod({
  name: 'dhtget',
  summary: 'The newest value of a key, as dhtput tells it, or of a name of this node.',
  parameters: { key: z.string().max(200) },
  run: async ({ key }, context) => {
    const table = hashTableOf(context)
    const found = await table.get(key.startsWith('/') ? key : table.keyOf(key))
    if (found !== undefined) return valueJson(found)
    throw new RpcError(rpcCodes.invalidAddressOrKey, 'not-found', `Nobody keeps a value for ${key}.`)
  },
})
