/**
 * Questions about multiaddrs that the peer manager asks.
 */
import { reasonOf } from '@chain/core/errors'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_IP4, CODE_IP6, CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { ConnectError } from './connect-error.ts'
import { peerLimits } from './peer-limits.ts'

/**
 * Reads an address that a person or a peer wrote.
 *
 * @throws {ConnectError} `address-malformed`
 */
export function parseAddress(text: string): Multiaddr {
  if (text.length > peerLimits.addressLength) {
    throw malformed(text.slice(0, 32), `it is longer than ${peerLimits.addressLength} characters`)
  }
  const address = readMultiaddr(text)
  const peerId = peerIdOf(address)
  if (peerId === undefined || isPeerId(peerId)) return address
  throw malformed(text, `"${peerId}" is no peer id`)
}

/** Whether {@link parseAddress} can read an address. */
export function isAddress(text: string): boolean {
  try {
    parseAddress(text)
    return true
  } catch (error) {
    if (error instanceof ConnectError) return false
    throw error
  }
}

/** Whether a text is a peer id: to multiaddrs, any text behind `/p2p/` is. */
export function isPeerId(text: string): boolean {
  try {
    peerIdFromString(text)
    return true
  } catch {
    // What it stumbled over helps nobody: a person mistyped something.
    return false
  }
}

function readMultiaddr(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (cause) {
    throw malformed(text, reasonOf(cause), { cause })
  }
}

function malformed(text: string, why: string, options?: ErrorOptions): ConnectError {
  return new ConnectError('address-malformed', `The address "${text}" is no multiaddr: ${why}.`, options)
}

/** The peer id at the end of an address, or `undefined` when it names none. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
}

/** The text of an address without the peer id at its end. */
export function withoutPeerId(address: Multiaddr): string {
  const parts = address.getComponents()
  return (parts.at(-1)?.code === CODE_P2P ? multiaddr(parts.slice(0, -1)) : address).toString()
}

/** The address with a peer id at its end, so that nobody else can answer there unnoticed. */
export function withPeerId(address: string, peerId: string): Multiaddr {
  return multiaddr(`${address}/p2p/${peerId}`)
}

/** The IP address of a multiaddr (of IPv4 mapped into IPv6, the IPv4 address), or `undefined` when it has a name. */
export function ipOf(address: Multiaddr): string | undefined {
  const ip = address.getComponents().find(({ code }) => code === CODE_IP4 || code === CODE_IP6)?.value
  return ip?.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Who shares a limit per address: an IPv4 address alone, an IPv6 address with its network of 64 bits. */
export function addressGroup(ip: string): string {
  return isIp6(ip) ? `${ip6Groups(ip).slice(0, 4).join(':')}::/64` : ip
}

/** What one customer of a provider may hold: an IPv4 network of 24 bits, an IPv6 network of 48 bits. */
export function subnetOf(ip: string): string {
  return isIp6(ip)
    ? `${ip6Groups(ip).slice(0, 3).join(':')}::/48`
    : `${ip4Bytes(ip).slice(0, 3).join('.')}.0/24`
}

/** What one provider holds, roughly: an IPv4 network of 16 bits, an IPv6 network of 32 bits. */
export function networkOf(ip: string): string {
  return isIp6(ip)
    ? `${ip6Groups(ip).slice(0, 2).join(':')}::/32`
    : `${ip4Bytes(ip).slice(0, 2).join('.')}.0.0/16`
}

function isIp6(ip: string): boolean {
  return ip.includes(':')
}

function ip4Bytes(ip: string): string[] {
  return ip.split('.')
}

/** The eight groups of an IPv6 address, its zeros written out. */
function ip6Groups(ip: string): string[] {
  const [head = '', tail] = ip.split('::')
  const start = head === '' ? [] : head.split(':')
  const end = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros: string[] = Array.from({ length: Math.max(0, 8 - start.length - end.length) }, () => '0')
  return tail === undefined ? start : [...start, ...zeros, ...end]
}

/** Whether an IP address is this machine's own. */
export function isLoopbackIp(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}
