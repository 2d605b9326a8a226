/** `dhtping`: whether a peer answers. */
import { hashTableOf } from '../hash-table-parameters.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { peerAddressParameter } from '../parameters.ts'

export const dhtPing: RpcMethod = defineMethod({
  name: 'dhtping',
  summary: 'Pings a peer, named by its peer id or multiaddr, and tells the milliseconds until its answer.',
  parameters: { peer: peerAddressParameter },
  run: async ({ peer }, context) => ({ peer, milliseconds: await hashTableOf(context).ping(peer) }),
})
