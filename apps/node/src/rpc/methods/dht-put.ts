/** `dhtput`: puts a value into the hash table. */
import { z } from 'zod'
import { hashTableOf, valueBytes, valueJson } from '../hash-table-parameters.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

/** Longest life of a value, in seconds. */
const MAX_SECONDS = 172_800

export const dhtPut: RpcMethod = defineMethod({
  name: 'dhtput',
  summary:
    'Puts a value (text, or hex) under a name of this node, signed, for some seconds (two days), in place of the one that is there.',
  parameters: {
    name: z.string().max(200),
    value: z.string().max(10_000),
    encoding: z.enum(['text', 'hex']).default('text'),
    lifetime: z.int().min(1).max(MAX_SECONDS).default(MAX_SECONDS),
  },
  run: async ({ name, value, encoding, lifetime }, context) => {
    const put = await hashTableOf(context).put(name, valueBytes(value, encoding), lifetime * 1_000)
    return { ...valueJson(put), holders: put.holders }
  },
})
