/** `clearbanned`: lets everybody in again. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const clearBanned: RpcMethod = defineMethod({
  name: 'clearbanned',
  summary: 'Lifts all bans.',
  parameters: {},
  run: (_values, { bans, peers }) => {
    for (const { subject } of bans.list()) peers.unban(subject)
    return null
  },
})
