/** `disconnectnode`: closes the connections with a peer. */

import { rpcCodes } from '@chain/cli'
import type { Peer } from '@chain/p2p'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

export const disconnectNode: RpcMethod = defineMethod({
  name: 'disconnectnode',
  summary:
    'Closes the connections with a peer, named either by its multiaddr or peer id, or by its nodeid; it may come back.',
  parameters: { address: z.string().max(300).default(''), nodeid: z.string().max(300).default('') },
  run: ({ address, nodeid }, { peers }) => {
    if ((address === '') === (nodeid === '')) {
      const message = 'Either the parameter address or the parameter nodeid must be given.'
      throw new RpcError(rpcCodes.invalidParams, 'rpc-parameters-wrong', message)
    }
    const wanted = nodeid === '' ? address : nodeid
    const peer = peers.list().find((one) => isNamed(one, wanted))
    if (peer === undefined) {
      const message = `Node not found in connected nodes: "${wanted}".`
      throw new RpcError(rpcCodes.nodeNotConnected, 'peer-not-connected', message)
    }
    peers.disconnect(peer.id)
    return null
  },
})

/** By its peer id, or its address with or without it. */
function isNamed({ id, address }: Peer, name: string): boolean {
  return name === id || name === address || `${name}/p2p/${id}` === address
}
