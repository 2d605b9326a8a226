/** `stop`: ends the node. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const stop: RpcMethod = defineMethod({
  name: 'stop',
  summary: 'Makes the node stop.',
  parameters: {},
  run: (_values, { requestStop }) => {
    requestStop()
    return 'chain-node stopping'
  },
})
