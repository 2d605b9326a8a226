/** `getnettotals`: how much went over the network. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const getNetTotals: RpcMethod = defineMethod({
  name: 'getnettotals',
  summary: 'The bytes that all connections together have received and sent since the node started.',
  parameters: {},
  run: (_values, { network }) => {
    const { received, sent } = network.traffic()
    return { totalbytesrecv: received, totalbytessent: sent, timemillis: Date.now() }
  },
})
