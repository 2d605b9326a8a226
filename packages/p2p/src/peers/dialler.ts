/**
 * Turns a dial into a connection or an error of ours.
 *
 * Not for whom to dial (`candidates.ts`), nor for making a peer of the connection (`peer-set.ts`).
 */
import { reasonOf } from '@chain/core/errors'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { parseAddress, peerIdOf, withoutPeerId } from './addresses.ts'
import { ConnectError } from './connect-error.ts'

/** A peer id, a multiaddr, or several multiaddrs of one peer. */
export type DialTarget = string | readonly string[]

/**
 * Connects to a peer, or returns the connection that is there.
 *
 * @throws {ConnectError} `address-malformed`, `peer-unreachable`, `peer-is-self`, `peer-banned`
 */
export async function dial(host: Libp2p, target: DialTarget, signal: AbortSignal): Promise<Connection> {
  refuseOwn(host, target)
  const addresses = addressesOf(target)
  const connected = connectionAt(host, addresses)
  if (connected !== undefined) return connected
  try {
    const connection = await host.dial(addresses.length > 0 ? addresses : peerIdOfTarget(target), { signal })
    if (connection.status === 'open') return connection
  } catch (error) {
    throw toConnectError(target, error)
  }
  throw new ConnectError(
    'peer-refused',
    `${nameOf(target)} closed the connection at once: it may be full, or keep this node out.`,
  )
}

/**
 * Refuses what leads back to this node.
 *
 * @throws {ConnectError} `peer-is-self`, `address-malformed`
 */
export function refuseOwn(host: Libp2p, target: DialTarget): void {
  if (addressesOf(target).some((address) => isOwn(host, address))) throw isSelf(target)
}

/**
 * The peer id that a target names, or `undefined`.
 *
 * @throws {ConnectError} `address-malformed`
 */
export function namedPeerId(target: DialTarget): string | undefined {
  const [address] = addressesOf(target)
  return address === undefined ? nameOf(target) : peerIdOf(address)
}

function addressesOf(target: DialTarget): Multiaddr[] {
  const texts = typeof target === 'string' ? [target] : target
  return texts.filter((text) => text.startsWith('/')).map(parseAddress)
}

function peerIdOfTarget(target: DialTarget): PeerId {
  try {
    return peerIdFromString(nameOf(target))
  } catch (cause) {
    throw malformed(target, cause)
  }
}

function malformed(target: DialTarget, cause: unknown): ConnectError {
  return new ConnectError('address-malformed', `"${nameOf(target)}" is no peer id and no multiaddr.`, {
    cause,
  })
}

/** Of an address without peer id libp2p does not see that it is connected already. */
function connectionAt(host: Libp2p, addresses: readonly Multiaddr[]): Connection | undefined {
  const anonymous = addresses.filter((address) => peerIdOf(address) === undefined)
  const texts = new Set(anonymous.map(String))
  const isThere = ({ direction, status, remoteAddr }: Connection): boolean =>
    direction === 'outbound' && status === 'open' && texts.has(withoutPeerId(remoteAddr))
  return host.getConnections().find(isThere)
}

/** Machines on two networks may share a private address: with the peer id of somebody else it is not ours. */
function isOwn(host: Libp2p, address: Multiaddr): boolean {
  const self = host.peerId.toString()
  const peerId = peerIdOf(address)
  if (peerId !== undefined) return peerId === self
  return host.getMultiaddrs().some((own) => withoutPeerId(own) === address.toString())
}

function toConnectError(target: DialTarget, error: unknown): ConnectError {
  if (error instanceof ConnectError) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidPeerIdError') return isSelf(target, error)
  if (name === 'DialDeniedError' || name === 'ConnectionInterceptedError') {
    return new ConnectError('peer-banned', `${nameOf(target)} is banned or avoided.`, { cause: error })
  }
  if (name === 'ConnectionClosedError') {
    return new ConnectError(
      'peer-refused',
      `${nameOf(target)} closed the connection at once: it may be full, or keep this node out.`,
      {
        cause: error,
      },
    )
  }
  const why = describeAnswerer(error) ?? reasonOf(error)
  return new ConnectError('peer-unreachable', `${nameOf(target)} cannot be reached: ${why}.`, {
    cause: error,
  })
}

/** That another peer answers than was named, or no peer at all, which libraries say in words of their own. */
function describeAnswerer(error: unknown): string | undefined {
  const reason = reasonOf(error)
  const [, answerer] = /^Payload identity key (\S+) does not match/.exec(reason) ?? []
  if (answerer !== undefined) return `another peer answers there, ${answerer}`
  return /^Missing newline$|^Unexpected (EOF|server response)/i.test(reason)
    ? 'what answers there does not speak as peers do (is it the right port?)'
    : undefined
}

function isSelf(target: DialTarget, cause?: unknown): ConnectError {
  const sentence = `${nameOf(target)} is this node itself.`
  return new ConnectError('peer-is-self', sentence, cause === undefined ? {} : { cause })
}

function nameOf(target: DialTarget): string {
  return typeof target === 'string' ? target : (target[0] ?? 'A peer without addresses')
}
