/** `listbanned`: who is kept out. */
import { defineMethod, type RpcMethod } from '../method.ts'

export const listBanned: RpcMethod = defineMethod({
  name: 'listbanned',
  summary: 'The peer ids and IP addresses that are banned, until when and why.',
  parameters: {},
  run: (_values, { bans }) => {
    const now = Math.floor(Date.now() / 1_000)
    return bans.list().map(({ subject, until, reason }) => {
      const bannedUntil = Math.floor(until / 1_000)
      return {
        address: subject,
        banned_until: bannedUntil,
        time_remaining: bannedUntil - now,
        ban_reason: reason,
      }
    })
  },
})
