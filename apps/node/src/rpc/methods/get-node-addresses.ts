/** `getnodeaddresses`: whom the node could connect to. */
import { z } from 'zod'
import { defineMethod, type RpcMethod } from '../method.ts'
import { knownPeerJson } from '../peer-json.ts'

export const getNodeAddresses: RpcMethod = defineMethod({
  name: 'getnodeaddresses',
  summary:
    'Peers that the node knows, connected or not: where they are and when they were last reached; 0 for all.',
  parameters: { count: z.int().min(0).default(1) },
  run: ({ count }, { network }) => {
    const known = network.knownPeers()
    return (count === 0 ? known : known.slice(0, count)).map(knownPeerJson)
  },
})
