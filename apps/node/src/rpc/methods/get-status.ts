/** `getstatus`: what `chain-node status` shows. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const getStatus: RpcMethod = defineMethod({
  name: 'getstatus',
  summary: 'What chain-node status shows: state and why, height, peers, mempool, addresses.',
  parameters: {},
  run: (_values, { status }) => status(),
})
