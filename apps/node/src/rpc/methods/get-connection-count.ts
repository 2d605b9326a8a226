/** `getconnectioncount`: how many peers are connected. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const getConnectionCount: RpcMethod = defineMethod({
  name: 'getconnectioncount',
  summary: 'How many peers are connected.',
  parameters: {},
  run: (_values, { peers }) => peers.list().length,
})
