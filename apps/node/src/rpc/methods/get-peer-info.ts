/** `getpeerinfo`: who is connected. */
import { defineMethod, type RpcMethod } from '../method.ts'
import { peerJson } from '../peer-json.ts'

export const getPeerInfo: RpcMethod = defineMethod({
  name: 'getpeerinfo',
  summary: 'Who is connected, and what is known of each.',
  parameters: {},
  run: (_values, { peers }) => peers.list().map(peerJson),
})
