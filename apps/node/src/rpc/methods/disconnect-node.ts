/** `disconnectnode`: closes the connections with a peer. */

import { rpcCodes } from '@chain/cli'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { RpcError } from '../rpc-error.ts'

export const disconnectNode: RpcMethod = defineMethod({
  name: 'disconnectnode',
  summary: 'Closes the connections with a peer, named by its peer id or multiaddr; it may come back.',
  parameters: { address: z.string().max(300).default(''), nodeid: z.string().max(300).default('') },
  run: ({ address, nodeid }, { peers }) => {
    const wanted = nodeid === '' ? address : nodeid
    const peer = peers.list().find((one) => one.id === wanted || one.address === wanted)
    if (peer === undefined) {
      const message = `Node not found in connected nodes: "${wanted}".`
      throw new RpcError(rpcCodes.nodeNotConnected, 'peer-not-connected', message)
    }
    peers.disconnect(peer.id)
    return null
  },
})
