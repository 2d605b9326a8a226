/** `dhtproviders`: who provides a key. */
import { hashTableOf, providerKeyParameter } from '../hash-table-parameters.ts'
import { defineMethod, type RpcMethod } from '../method.ts'

export const dhtProviders: RpcMethod = defineMethod({
  name: 'dhtproviders',
  summary:
    'The peers, other than this node, that are registered as providers of a key, with their addresses.',
  parameters: { key: providerKeyParameter },
  run: ({ key }, context) => hashTableOf(context).findProviders(key),
})
