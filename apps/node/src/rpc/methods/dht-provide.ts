/** `dhtprovide`: registers this node as a provider of a key. */
import { z } from 'zod'
import { hashTableOf, providerKeyParameter } from '../hash-table-parameters.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

export const dhtProvide: RpcMethod = defineMethod({
  name: 'dhtprovide',
  summary: 'Registers this node as a provider of a key, any text (add), from now on, or no more (remove).',
  parameters: { key: providerKeyParameter, command: z.enum(['add', 'remove']).default('add') },
  run: async ({ key, command }, context) => {
    const table = hashTableOf(context)
    if (command === 'add') await table.provide(key)
    else await table.stopProviding(key)
    return null
  },
})
