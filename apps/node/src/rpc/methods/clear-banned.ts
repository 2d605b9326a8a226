/** `clearbanned`: lets everybody in again. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const clearBanned: RpcMethod = defineMethod({
  name: 'clearbanned',
  summary: 'Lifts all bans.',
  parameters: {},
  run: async (_values, { bans, peers }) => {
    for (const { subject } of bans.list()) peers.unban(subject)
    await peers.saved()
    return null
  },
})
