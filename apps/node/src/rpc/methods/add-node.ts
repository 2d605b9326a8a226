/** `addnode`: holds a connection to an address, gives it up, or tries it once. */

import { rpcCodes } from '@chain/cli'
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { peerAddressParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

export const addNode: RpcMethod = defineMethod({
  name: 'addnode',
  summary:
    'Holds a connection to a multiaddr from now on, until the node ends (add), gives it up (remove), or tries it once (onetry).',
  parameters: { node: peerAddressParameter, command: z.enum(['add', 'remove', 'onetry']) },
  run: async ({ node, command }, { peers }) => {
    if (command === 'onetry') await peers.connect([node])
    else if (command === 'add' && !peers.add(node)) {
      const message = `Node already added: ${node}.`
      throw new RpcError(rpcCodes.nodeAlreadyAdded, 'peer-already-added', message)
    } else if (command === 'remove' && !peers.remove(node)) {
      const message = `Node could not be removed: ${node} has not been added.`
      throw new RpcError(rpcCodes.nodeNotAdded, 'peer-not-added', message)
    }
    return null
  },
})
