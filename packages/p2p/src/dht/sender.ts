/**
 * Who sent the request that is being answered. The hash table's library hands records to the store without it, so it
 * travels with the asynchronous context.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Connection } from '@libp2p/interface'
import { ipOf, isLoopbackIp, subnetOf } from '../peers/addresses.ts'

const current = new AsyncLocalStorage<string>()

/** Runs an answer in the name of whoever asked for it over this connection. */
export function answerSender<Result>(connection: Connection, answer: () => Result): Result {
  return current.run(senderOf(connection), answer)
}

/** The sender of the request that is being answered, or `undefined` when this node acts on its own account. */
export function currentSender(): string | undefined {
  return current.getStore()
}

/**
 * Who shares what one sender may store: everybody behind one IPv4 address or IPv6 network of 48 bits, so that new peer ids
 * are no way around it, nor the 65,536 networks of 64 bits that one customer is given; on this machine each peer.
 */
function senderOf({ remoteAddr, remotePeer }: Connection): string {
  const ip = ipOf(remoteAddr)
  if (ip === undefined || isLoopbackIp(ip)) return remotePeer.toString()
  return ip.includes(':') ? subnetOf(ip) : ip
}
