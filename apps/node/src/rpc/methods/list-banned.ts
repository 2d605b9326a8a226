/** `listbanned`: who is kept out. */
import { defineMethod, type RpcMethod } from '../method.ts'
import { banJson } from '../peer-json.ts'

export const listBanned: RpcMethod = defineMethod({
  name: 'listbanned',
  summary: 'The peer ids and IP addresses that are banned, since when, until when and why.',
  parameters: {},
  run: (_values, { bans }) => {
    const now = Math.floor(Date.now() / 1_000)
    return bans.list().map((ban) => banJson(ban, now))
  },
})
