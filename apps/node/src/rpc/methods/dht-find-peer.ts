/** `dhtfindpeer`: where a peer is. */
import { rpcCodes } from '@chain/cli'
import { hashTableOf, peerIdParameter } from '../hash-table-parameters.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

export const dhtFindPeer: RpcMethod = defineMethod({
  name: 'dhtfindpeer',
  summary: 'Finds the addresses of a peer by its peer id.',
  parameters: { peer_id: peerIdParameter },
  run: async ({ peer_id }, context) => {
    const found = await hashTableOf(context).findPeer(peer_id)
    if (found !== undefined) return found
    throw new RpcError(
      rpcCodes.invalidAddressOrKey,
      'not-found',
      `Nobody knows where the peer ${peer_id} is.`,
    )
  },
})
