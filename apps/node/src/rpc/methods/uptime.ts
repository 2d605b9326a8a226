/** `uptime`: seconds since the start. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const uptime: RpcMethod = defineMethod({
  name: 'uptime',
  summary: 'Seconds since the node started.',
  parameters: {},
  run: (_values, { status }) => status().uptime,
})
