/** `setban`: keeps a peer out, or lets it in again. */

import { rpcCodes } from '@chain/cli'
import { multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import type { NodeStatus } from '../../node-status.ts'
import { defineMethod, type RpcMethod } from '../method.ts'
import { banSubjectParameter } from '../parameters.ts'
import { RpcError } from '../rpc-error.ts'

/** Seconds of a ban without a time: a day, as in Bitcoin Core. */
const DEFAULT_SECONDS = 86_400

/** Most seconds of a ban: a hundred years. */
const MAX_SECONDS = 3_153_600_000

export const setBan: RpcMethod = defineMethod({
  name: 'setban',
  summary: 'Bans a peer id or an IP address for a time (add), over restarts too, or lifts the ban (remove).',
  parameters: {
    subject: banSubjectParameter,
    command: z.enum(['add', 'remove']),
    bantime: z.int().min(0).max(MAX_SECONDS).default(0),
    absolute: z.boolean().default(false),
  },
  run: async ({ subject, command, bantime, absolute }, { peers, bans, status }) => {
    if (command === 'remove') {
      if (!peers.unban(subject)) {
        const message = `Unban failed: ${subject} is not banned.`
        throw new RpcError(rpcCodes.invalidSubnet, 'not-found', message)
      }
      await peers.saved()
      return null
    }
    refuseOwn(subject, status())
    if (bans.isBanned(subject)) {
      const message = `${subject} is banned already: unban it first for another time.`
      throw new RpcError(rpcCodes.nodeAlreadyAdded, 'peer-already-banned', message)
    }
    const now = Math.floor(Date.now() / 1_000)
    const seconds = bantime === 0 ? DEFAULT_SECONDS : absolute ? bantime - now : bantime
    if (seconds <= 0) {
      throw new RpcError(rpcCodes.invalidParameter, 'ban-in-past', 'Absolute timestamp is in the past.')
    }
    peers.ban(subject, seconds * 1_000, 'manually added')
    await peers.saved()
    return null
  },
})

/** @throws {RpcError} `peer-is-self` */
function refuseOwn(subject: string, { peerId, addresses }: Pick<NodeStatus, 'peerId' | 'addresses'>): void {
  const parts = addresses.flatMap((address) => multiaddr(address).getComponents())
  if (subject !== peerId && !parts.some(({ value }) => value === subject)) return
  const message = `${subject} is this node itself: it cannot be banned.`
  throw new RpcError(rpcCodes.invalidParameter, 'peer-is-self', message)
}
